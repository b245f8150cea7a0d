# SPDX-License-Identifier: Apache-2.0
# makespan_registry(KIND TYPE T HEADER H SUFFIX S NAMES n...): the static library makespan_KIND from n.cpp..., each of which defines
# `const T n_S`, and a generated function `std::span<const T* const> KIND()` that lists them in the order given. So what is
# added is one file and one name, and whatever is not listed is not linked.
function(makespan_registry kind)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TYPE;HEADER;SUFFIX" "NAMES")
  set(declarations "")
  set(addresses "")
  set(sources "")
  foreach(name IN LISTS arg_NAMES)
    string(APPEND declarations "extern const ${arg_TYPE} ${name}_${arg_SUFFIX};\n")
    string(APPEND addresses "    &${name}_${arg_SUFFIX},\n")
    list(APPEND sources ${name}.cpp)
  endforeach()
  set(registry ${CMAKE_CURRENT_BINARY_DIR}/registry.cpp)
  file(CONFIGURE OUTPUT ${registry} @ONLY CONTENT [[// Generated from the list in CMakeLists.txt.
#include "@arg_HEADER@"

namespace makespan {

@declarations@
std::span<const @arg_TYPE@* const> @kind@() {
  static constexpr std::array all{
@addresses@  };
  return all;
}

}  // namespace makespan
]])
  add_library(makespan_${kind} STATIC ${sources} ${registry})
  target_link_libraries(makespan_${kind} PUBLIC makespan_options)
endfunction()
