// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/harness/resident_memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "benchmarks/harness/limits.hpp"
#include "benchmarks/harness/proc_files.hpp"
#include "benchmarks/harness/quantity.hpp"
#include "benchmarks/harness/unavailable.hpp"

namespace makespan {
namespace {

constexpr std::uintptr_t huge_page = std::uintptr_t{2} << 20U;  // on x86-64; elsewhere the smaller alignment costs nothing but some pages
constexpr const char* thp = "/sys/kernel/mm/transparent_hugepage/enabled";

// Huge pages are whole ones.
std::uint64_t written_bytes(std::uint64_t asked, bool huge) { return huge ? (asked + huge_page - 1) / huge_page * huge_page : asked; }

// The limit that is in the way, as far as it is known.
[[noreturn]] void refused(std::uint64_t bytes) {
  const std::string said = std::generic_category().message(errno);
  const std::string unknown = "see ulimit -v, ulimit -d, vm.max_map_count and vm.overcommit_memory";
  throw Unavailable(
      fmt::format("the resident memory is refused ({}): {}", said, forbidden_by({.bytes = bytes, .maps = 1}).value_or(unknown)));
}

std::uint64_t huge_bytes() {
  constexpr std::uint64_t kib = 1024;
  return kib * field_number(read_text("/proc/self/smaps_rollup").value_or(""), "AnonHugePages").value_or(0);
}

}  // namespace

ResidentMemory::ResidentMemory(std::uint64_t asked, bool huge) : bytes_(written_bytes(asked, huge)), mapped_(mapped_bytes(asked, huge)) {
  if (asked == 0) return;
  const std::uint64_t bytes = bytes_;
  const std::uint64_t before = huge_bytes();
  mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) refused(mapped_);
  const auto aligned = (reinterpret_cast<std::uintptr_t>(mapping_) + huge_page - 1) / huge_page * huge_page;
  auto* const begin = reinterpret_cast<std::byte*>(aligned);
  if (madvise(begin, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) != 0 && huge) {  // a kernel without huge pages knows neither
    munmap(mapping_, mapped_);
    throw Unavailable("this kernel knows no madvise(MADV_HUGEPAGE): use --huge-pages=off");
  }
  write_to_every_page(begin);
  const std::uint64_t given = huge_bytes() - before;
  if (!huge || given >= bytes / 10 * 9) return;
  munmap(mapping_, mapped_);
  throw Unavailable(
      fmt::format("transparent huge pages = {} that the kernel gave, {} needed: memory may be short, fragmented "
                  "(write 1 to /proc/sys/vm/compact_memory) or denied them (prctl PR_SET_THP_DISABLE), or use --huge-pages=off",
                  format_bytes(given), format_bytes(bytes)));
}

std::uint64_t ResidentMemory::mapped_bytes(std::uint64_t asked, bool huge) noexcept {
  return asked == 0 ? 0 : written_bytes(asked, huge) + huge_page;
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
