// SPDX-License-Identifier: Apache-2.0
// Memory that a process really has: what a fork must account for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace makespan {

/// Private anonymous memory, every page of which has been written to. Nothing for 0 bytes.
class ResidentMemory {
 public:
  /// `huge`: of huge pages (MADV_HUGEPAGE), rounded up to whole ones of 2 MiB, else of ordinary ones even where the system would give huge
  /// ones (MADV_NOHUGEPAGE). Throws Unavailable if the memory is refused, or if less than nine tenths of it came as huge pages.
  ResidentMemory(std::uint64_t asked, bool huge);
  ResidentMemory(const ResidentMemory&) = delete;
  ResidentMemory& operator=(const ResidentMemory&) = delete;
  ~ResidentMemory();

  /// What it asks the system for: the memory, and some more so that it can begin where a huge page does.
  [[nodiscard]] static std::uint64_t mapped_bytes(std::uint64_t asked, bool huge) noexcept;

 private:
  void write_to_every_page(std::byte* begin) const;

  std::uint64_t bytes_;
  std::size_t mapped_ = 0;
  void* mapping_ = nullptr;
};

/// Why the system gives no huge pages to whoever asks for them; empty: it does.
[[nodiscard]] std::string lacks_huge_pages(const std::filesystem::path& root = "/");

/// Page tables that map so much: copied by every fork. 8 bytes for each page of 4 KiB; of huge pages the kernel keeps as many in reserve.
[[nodiscard]] constexpr std::uint64_t page_table_bytes(std::uint64_t bytes) noexcept { return bytes / 512; }

}  // namespace makespan
