# SPDX-License-Identifier: Apache-2.0
# makespan_registry(KIND TYPE T HEADER H SUFFIX S NAMES n...): the static library makespan_KIND from n.cpp..., each of which defines
# `const T n_S`, and a generated function `std::span<const T* const> KIND()` that lists them in the order given. So what is
# added is one file and one name, and whatever is not listed is not linked.
#
# An entry may lie in a folder. With OPTIONAL after KIND it may also need a library of cmake/peers.cmake: `peers/n NEEDS asio`. Where that is
# not to be had, the entry is left out of the build, and listed by the generated `std::span<const LeftOut> KIND_left_out()` with what would
# bring it; there it is called n, or, if model and variant cannot be told from the file's name, as in `peers/n NEEDS asio AS model/variant`.
function(makespan_registry kind)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPTIONAL" "TYPE;HEADER;SUFFIX" "NAMES")
  set(declarations "")
  set(addresses "")
  set(sources "")
  set(with_needs "")
  set(left_out "")
  set(left_out_count 0)
  while(arg_NAMES)
    list(POP_FRONT arg_NAMES path)
    cmake_path(GET path FILENAME name)
    set(as ${name})
    set(needs "")
    if(arg_NAMES MATCHES "^NEEDS;")
      list(POP_FRONT arg_NAMES keyword needs)
      if(arg_NAMES MATCHES "^AS;")
        list(POP_FRONT arg_NAMES keyword as)
      endif()
      makespan_peer_lacks(lacks ${needs})
      if(lacks)
        message(STATUS "${kind}: ${as} left out: needs ${lacks}")
        string(REGEX MATCH "^([^/]*)/?(.*)$" whole ${as})
        string(APPEND left_out "    LeftOut{\"${CMAKE_MATCH_1}\", \"${CMAKE_MATCH_2}\", \"${lacks}\"},\n")
        math(EXPR left_out_count "${left_out_count} + 1")
        continue()
      endif()
      message(STATUS "${kind}: ${as} built, with ${needs}")
      list(APPEND with_needs ${path})
      set(needs_of_${name} ${needs})
    else()
      list(APPEND sources ${path}.cpp)
    endif()
    string(APPEND declarations "extern const ${arg_TYPE} ${name}_${arg_SUFFIX};\n")
    string(APPEND addresses "    &${name}_${arg_SUFFIX},\n")
  endwhile()
  set(left_out_function "")
  if(arg_OPTIONAL)
    string(CONFIGURE [[

std::span<const LeftOut> @kind@_left_out() {
  static constexpr std::array<LeftOut, @left_out_count@> all{
@left_out@  };
  return all;
}
]] left_out_function @ONLY)
  endif()
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
@left_out_function@
}  // namespace makespan
]])
  add_library(makespan_${kind} STATIC ${sources} ${registry})
  target_link_libraries(makespan_${kind} PUBLIC makespan_options)
  # Each with the flags of its own library, which nothing else is compiled with.
  foreach(path IN LISTS with_needs)
    cmake_path(GET path FILENAME name)
    add_library(makespan_${kind}_${name} OBJECT ${path}.cpp)
    target_link_libraries(makespan_${kind}_${name} PRIVATE makespan_runtime makespan_workloads makespan_peer_${needs_of_${name}})
    target_link_libraries(makespan_${kind} PRIVATE makespan_${kind}_${name})
  endforeach()
endfunction()
