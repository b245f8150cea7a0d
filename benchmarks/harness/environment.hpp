// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

namespace makespan {

// The machine and the build as env.json records them (glossary: reports/README.md): host, CPUs, hypervisor, governor,
// kernel, clock, limits, memory, load, compiler, libraries (those of the peers apart), commit. Units are in the names. Null = unknown;
// `governor` and `hypervisor` then have a neighbour `..._why`. Takes about 20 ms (the clock is measured); starts no thread and no process.
// `root` replaces "/" for the files of /proc and /sys that are read; the host name, the kernel, the timer slack and the clock are always
// this machine's.
nlohmann::json environment(const std::filesystem::path& root = "/");

// The commit that was built, 40 hex digits; "" if the build could not know it.
std::string_view git_sha();

}  // namespace makespan
