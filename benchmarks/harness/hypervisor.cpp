// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/hypervisor.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "benchmarks/harness/proc_files.hpp"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace makespan {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> signatures{{{"KVMKVMKVM", "KVM"},
                                                                                   {"Microsoft Hv", "Hyper-V"},
                                                                                   {"VMwareVMware", "VMware"},
                                                                                   {"XenVMMXenVMM", "Xen"},
                                                                                   {"TCGTCGTCGTCG", "QEMU (emulated)"},
                                                                                   {"bhyve bhyve ", "bhyve"}}};

// Twelve characters in EBX, ECX and EDX; meaningful only where the hypervisor flag is set.
std::string cpuid_signature() {
#if defined(__x86_64__) || defined(__i386__)
  unsigned leaf = 0;
  std::array<unsigned, 3> words{};
  __cpuid(0x40000000U, leaf, words[0], words[1], words[2]);
  std::array<char, sizeof(words) + 1> text{};
  std::memcpy(text.data(), words.data(), sizeof(words));
  return text.data();
#else
  return "";
#endif
}

std::string hypervisor_by_cpuid() {
  const std::string signature = cpuid_signature();
  for (const auto& [known, name] : signatures) {
    if (signature == known) return std::string(name);
  }
  const auto printable = [](char c) { return std::isprint(static_cast<unsigned char>(c)) != 0; };
  const bool readable = !signature.empty() && std::all_of(signature.begin(), signature.end(), printable);
  return readable ? signature : "unknown hypervisor";
}

// "QEMU Standard PC (Q35 + ICH9, 2009)": who made the machine and what it is called.
std::string dmi_name(const fs::path& root) {
  const auto read = [&root](const char* file) { return read_text(under(root, "/sys/class/dmi/id") / file).value_or(""); };
  const std::string vendor = read("sys_vendor");
  const std::string product = read("product_name");
  return vendor.empty() || product.empty() ? vendor + product : vendor + " " + product;
}

bool names_virtual_machine(const std::string& dmi) {
  constexpr std::array<std::string_view, 8> words{
      "QEMU", "KVM", "VMware", "VirtualBox", "Virtual Machine", "Xen", "Bochs", "Google Compute Engine"};
  return std::any_of(words.begin(), words.end(), [&dmi](std::string_view word) { return dmi.find(word) != std::string::npos; });
}

// Whether the CPU says that it is virtual; nullopt where CPUs do not tell (not x86).
std::optional<bool> hypervisor_flag(const fs::path& root) {
  const auto flags = field(read_text(under(root, "/proc/cpuinfo")).value_or(""), "flags");
  if (!flags) return std::nullopt;
  return (" " + *flags + " ").find(" hypervisor ") != std::string::npos;
}

}  // namespace

Hypervisor find_hypervisor(const fs::path& root) {
  const std::string type = read_text(under(root, "/sys/hypervisor/type")).value_or("");
  if (!type.empty()) return {type, ""};
  const auto flag = hypervisor_flag(root);
  const std::string dmi = dmi_name(root);
  if (flag == true) return {dmi.empty() ? hypervisor_by_cpuid() : hypervisor_by_cpuid() + " (" + dmi + ")", ""};
  if (flag == false) return {"none", ""};
  if (names_virtual_machine(dmi)) return {dmi, ""};
  return {"", "the CPU does not tell and the firmware names no virtual machine"};
}

}  // namespace makespan
