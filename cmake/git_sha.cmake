# SPDX-License-Identifier: Apache-2.0
# Writes build_info.hpp with the commit that is being built; run at every build, it touches the file only when its
# content changes:
#   cmake -D SOURCE_DIR=<repository> -D OUTPUT=<build>/generated/build_info.hpp -P cmake/git_sha.cmake
# Both values are empty when they cannot be known: no git, a source archive, a repository without commits, or one
# that git refuses to read because it belongs to another user.

cmake_minimum_required(VERSION 3.25)

# Set by git for its hooks; they would point at another repository than SOURCE_DIR.
unset(ENV{GIT_DIR})
unset(ENV{GIT_WORK_TREE})
unset(ENV{GIT_INDEX_FILE})

find_program(GIT git)

# Sets `output` to what git says; `failed` is true if it says no.
function(ask_git output failed)
  execute_process(COMMAND ${GIT} --no-optional-locks -C ${SOURCE_DIR} ${ARGN}
                  RESULT_VARIABLE result OUTPUT_VARIABLE answer ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result STREQUAL "0")
    set(${failed} TRUE PARENT_SCOPE)
  endif()
  set(${output} "${answer}" PARENT_SCOPE)
endfunction()

set(sha "")
set(dirty "")
set(unknown FALSE)
# A source archive may have been unpacked inside some other repository: only a .git of our own counts.
if(GIT AND EXISTS ${SOURCE_DIR}/.git)
  ask_git(sha unknown rev-parse --verify --quiet HEAD)
  # Only what is built counts: runs and their files may lie anywhere in the tree.
  ask_git(changes unknown status --porcelain -- workloads models benchmarks cmake CMakeLists.txt CMakePresets.json)
  if(unknown)
    set(sha "")
  elseif(changes STREQUAL "")
    set(dirty "false")
  else()
    set(dirty "true")
  endif()
endif()

file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
// Written by cmake/git_sha.cmake.
#pragma once

#define MAKESPAN_GIT_SHA "@sha@"
#define MAKESPAN_GIT_DIRTY "@dirty@"
]])
