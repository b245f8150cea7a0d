// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/resident_memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "benchmarks/harness/proc_files.hpp"

namespace makespan {
namespace {

constexpr std::uintptr_t huge_page = std::uintptr_t{2} << 20U;  // on x86-64; elsewhere the smaller alignment costs nothing but some pages
constexpr const char* thp = "/sys/kernel/mm/transparent_hugepage/enabled";

[[noreturn]] void refused(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

std::uint64_t huge_bytes() {
  constexpr std::uint64_t kib = 1024;
  return kib * field_number(read_text("/proc/self/smaps_rollup").value_or(""), "AnonHugePages").value_or(0);
}

}  // namespace

// Huge pages are whole ones.
ResidentMemory::ResidentMemory(std::uint64_t asked, bool huge) : bytes_(huge ? (asked + huge_page - 1) / huge_page * huge_page : asked) {
  if (asked == 0) return;
  const std::uint64_t bytes = bytes_;
  mapped_ = bytes + huge_page;
  const std::uint64_t before = huge_bytes();
  mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) refused("mmap of the resident memory");
  const auto aligned = (reinterpret_cast<std::uintptr_t>(mapping_) + huge_page - 1) / huge_page * huge_page;
  auto* const begin = reinterpret_cast<std::byte*>(aligned);
  if (madvise(begin, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) != 0 && huge) {  // a kernel without huge pages knows neither
    munmap(mapping_, mapped_);
    refused("madvise(MADV_HUGEPAGE)");
  }
  write_to_every_page(begin);
  const std::uint64_t given = huge_bytes() - before;
  if (!huge || given >= bytes / 10 * 9) return;
  munmap(mapping_, mapped_);
  throw std::runtime_error(fmt::format("of {} bytes that were to be huge pages, the kernel gave {} as such", bytes, given));
}

ResidentMemory::~ResidentMemory() {
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
}

void ResidentMemory::write_to_every_page(std::byte* begin) const {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (std::uint64_t at = 0; at < bytes_; at += page) *const_cast<volatile std::byte*>(begin + at) = std::byte{1};
}

std::string lacks_huge_pages(const std::filesystem::path& root) {
  const auto choice = read_text(under(root, thp));
  if (!choice) return fmt::format("this kernel has no transparent huge pages: there is no {}", thp);
  if (choice->find("[never]") == std::string::npos) return "";
  return fmt::format("{} is never: write madvise to it, or use --huge-pages=off", thp);
}

}  // namespace makespan
