// SPDX-License-Identifier: Apache-2.0
// Asio's coroutines on an io_context, and on nothing else: by default every timer, channel and coroutine holds an executor of which any
// kind may be in it, which costs a third of the CPU time of a task that sleeps and two fifths of its memory.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/wait_traits.hpp>
#include <chrono>

namespace makespan {

using AsioExecutor = asio::io_context::executor_type;

template <class T>
using AsioTask = asio::awaitable<T, AsioExecutor>;

using AsioTimer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, AsioExecutor>;

inline constexpr asio::use_awaitable_t<AsioExecutor> asio_await{};

}  // namespace makespan
