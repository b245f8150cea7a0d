// SPDX-License-Identifier: Apache-2.0
// A list whose places are members of what it lists: nothing is allocated, and whoever is destroyed leaves by itself.
#pragma once

namespace makespan {

/// A place in at most one list.
class Linked {
 public:
  Linked() = default;
  Linked(const Linked&) = delete;
  Linked& operator=(const Linked&) = delete;

  [[nodiscard]] bool linked() const noexcept { return next_ != this; }
  /// No effect if it is in no list.
  void unlink() noexcept {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = this;
  }

 protected:
  ~Linked() { unlink(); }

 private:
  template <class T>
  friend class IntrusiveList;

  Linked* previous_ = this;
  Linked* next_ = this;
};

/// First in, first out. T derives from Linked, and is in no other list when it is added. Owns nothing.
template <class T>
class IntrusiveList {
 public:
  [[nodiscard]] bool empty() const noexcept { return !ring_.linked(); }
  [[nodiscard]] T& front() noexcept { return static_cast<T&>(*ring_.next_); }  ///< not when empty
  void push_back(T& entry) noexcept {
    Linked& link = entry;
    link.previous_ = ring_.previous_;
    link.next_ = &ring_;
    ring_.previous_->next_ = &link;
    ring_.previous_ = &link;
  }

 private:
  struct Ring final : Linked {
  } ring_;
};

}  // namespace makespan
