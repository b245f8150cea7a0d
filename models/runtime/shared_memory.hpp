// SPDX-License-Identifier: Apache-2.0
// Memory that stays common to a process and the children it forks afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace makespan {

/// An anonymous shared mapping, zero-filled, at the same address in every process forked after its construction. Never
/// backed by a file or a name: nothing can be left behind. Pages are taken from the system when first touched.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes);  ///< throws std::system_error if the system refuses
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_; }

  /// Takes every page now, so that no page fault falls into a measured time.
  void populate() const noexcept;

 private:
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// `count` objects of T in shared memory, value-initialised by being zero: T must be an implicit-lifetime type for which
/// all-zero bytes are its initial state (std::atomic of an integer is).
template <class T>
class SharedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  explicit SharedArray(std::size_t count) : memory_(bytes_of(count)), count_(count) {}
  [[nodiscard]] T& operator[](std::size_t index) const noexcept { return begin()[index]; }
  [[nodiscard]] T* begin() const noexcept { return reinterpret_cast<T*>(memory_.data()); }
  [[nodiscard]] T* end() const noexcept { return begin() + count_; }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  void populate() const noexcept { memory_.populate(); }

 private:
  // A product that does not fit is more than any system grants, and must not become a small one.
  static constexpr std::size_t bytes_of(std::size_t count) noexcept { return count > SIZE_MAX / sizeof(T) ? SIZE_MAX : count * sizeof(T); }

  SharedMemory memory_;
  std::size_t count_;
};

}  // namespace makespan
