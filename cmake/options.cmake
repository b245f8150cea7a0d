# SPDX-License-Identifier: Apache-2.0
# What every target is compiled with: language level, warnings and sanitizers hang on one interface target.
option(MAKESPAN_WERROR "Treat warnings as errors" OFF)
option(MAKESPAN_PRECOMPILE "Precompile common headers; without, a file that does not include what it uses fails" ON)
set(MAKESPAN_SANITIZE "" CACHE STRING "Sanitizers to build with, as for -fsanitize= (empty: none)")

add_library(makespan_options INTERFACE)
target_compile_features(makespan_options INTERFACE cxx_std_20)
target_include_directories(makespan_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(makespan_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(MAKESPAN_WERROR)
  target_compile_options(makespan_options INTERFACE -Werror)
endif()
if(MAKESPAN_SANITIZE)
  target_compile_options(makespan_options INTERFACE -fsanitize=${MAKESPAN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(makespan_options INTERFACE -fsanitize=${MAKESPAN_SANITIZE})
endif()
