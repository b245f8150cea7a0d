# SPDX-License-Identifier: Apache-2.0
# Everything comes from the system's packages; scripts/setup.sh installs what is missing.
find_package(Threads REQUIRED)
find_package(benchmark REQUIRED)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 QUIET CONFIG)
find_package(nlohmann_json REQUIRED)
if(NOT TARGET CLI11::CLI11)
  # Debian 12 ships the headers without a CMake package.
  find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)
  add_library(CLI11::CLI11 INTERFACE IMPORTED)
  target_include_directories(CLI11::CLI11 INTERFACE ${CLI11_INCLUDE_DIR})
endif()
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()
