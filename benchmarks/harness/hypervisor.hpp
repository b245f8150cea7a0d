// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace makespan {

// What we run on: the name of a hypervisor ("KVM", "xen", "VMware, Inc. VMware7,1"), "none" on bare metal, "" if that
// cannot be told, with `why`. A container is not a hypervisor: it shares its host's kernel and CPUs.
struct Hypervisor {
  std::string name;
  std::string why;
};

// Sources: the hypervisor flag of /proc/cpuinfo (x86 only), /sys/hypervisor/type, /sys/class/dmi/id, and the
// signature in CPUID leaf 0x40000000. `root` replaces "/" for the files.
Hypervisor find_hypervisor(const std::filesystem::path& root = "/");

}  // namespace makespan
