// SPDX-License-Identifier: Apache-2.0
// A pool of worker processes: submit, get, close, join.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "models/runtime/process.hpp"
#include "models/runtime/shared_queue.hpp"

namespace makespan {

/// Names one submitted request; given back with its reply.
using Ticket = std::uint64_t;

/// Processes forked once, which take requests from one shared-memory queue and put replies into another. Idle workers
/// sleep on a futex. Requests and replies are copied as bytes, so they hold values, not pointers into memory that came
/// after the fork. To be used from one thread of the process that made it.
/// A worker that dies is noticed within `liveness_interval` by whoever waits for a reply: the wait throws ProcessDied
/// instead of hanging, since the request that the worker held is lost.
template <class Request, class Reply>
class WorkerPool {
  static_assert(std::is_trivially_copyable_v<Request> && std::is_trivially_copyable_v<Reply>);

 public:
  using Handler = Reply (*)(const Request&);  ///< runs in a worker; must not throw
  static constexpr std::chrono::milliseconds liveness_interval{100};

  /// Forks `workers` processes. Throws std::system_error if the system refuses one; those forked before are ended.
  WorkerPool(std::uint32_t workers, Handler handler) : requests_(queue_capacity(workers)), replies_(queue_capacity(workers)) {
    workers_.reserve(workers);
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
      workers_.push_back(Process::start([this, handler] { serve(handler); }));
    }
  }

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Ends the workers in order if they still live, without throwing. What was not fetched is lost.
  ~WorkerPool() {
    try {
      close();
      join();
    } catch (const std::exception&) {
      // a worker was dead already: ~Process ends and reaps the others
    }
  }

  /// Hands a request to whichever worker is free first. Waits while the queue is full, taking in replies meanwhile.
  /// Throws QueueClosed after close(), ProcessDied if a worker died.
  Ticket submit(const Request& request) {
    const Envelope<Request> envelope{next_ticket_, request};
    if (death_) throw *death_;
    while (!requests_.try_push(envelope)) take_in(receive());
    ++outstanding_;
    return next_ticket_++;
  }

  /// Waits for the reply to `ticket`. Each reply can be fetched once: std::out_of_range for a ticket that was never given
  /// or has been fetched. Throws ProcessDied if a worker died meanwhile.
  Reply get(Ticket ticket) {
    for (;;) {
      if (const auto found = arrived_.find(ticket); found != arrived_.end()) {
        const Reply reply = found->second;
        arrived_.erase(found);
        return reply;
      }
      if (outstanding_ == 0) throw std::out_of_range("no reply is outstanding for ticket " + std::to_string(ticket));
      take_in(receive());
    }
  }

  /// Waits for any reply that has not been fetched. std::out_of_range if none is outstanding.
  std::pair<Ticket, Reply> next() {
    if (const auto first = arrived_.begin(); first != arrived_.end()) {
      const std::pair<Ticket, Reply> pair = *first;
      arrived_.erase(first);
      return pair;
    }
    if (outstanding_ == 0) throw std::out_of_range("no reply is outstanding");
    const Envelope<Reply> envelope = receive();
    return {envelope.ticket, envelope.content};
  }

  /// No more requests; the workers finish what is queued, then end.
  void close() noexcept { requests_.close(); }

  /// Waits until every worker has ended; replies that were not fetched stay fetchable. To be called after close():
  /// std::logic_error otherwise. Throws ProcessDied if a worker ended badly.
  void join() {
    if (!requests_.closed()) throw std::logic_error("join before close: the workers would never end");
    while (outstanding_ > 0) take_in(receive());
    for (std::size_t index = 0; index < workers_.size(); ++index) {
      if (workers_[index].id() == 0) continue;
      const pid_t id = workers_[index].id();
      const ExitStatus status = workers_[index].wait();
      if (!status.ok()) throw died(index, id, status);
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return workers_.size(); }
  [[nodiscard]] pid_t process(std::size_t worker) const { return workers_.at(worker).id(); }
  [[nodiscard]] std::uint64_t outstanding() const noexcept { return outstanding_; }

 private:
  template <class Content>
  struct Envelope {
    Ticket ticket;
    Content content;
  };

  static std::size_t queue_capacity(std::uint32_t workers) { return std::max<std::size_t>(std::size_t{2} * workers, 256); }

  void serve(Handler handler) {
    Envelope<Request> envelope{};
    while (requests_.pop(envelope) == PopStatus::value) replies_.push({envelope.ticket, handler(envelope.content)});
  }

  Envelope<Reply> receive() {
    if (death_) throw *death_;
    Envelope<Reply> envelope{};
    while (replies_.pop(envelope, liveness_interval) != PopStatus::value) {
      if (alive()) continue;
      if (replies_.pop(envelope, std::chrono::nanoseconds{0}) == PopStatus::value) break;  // sent just before the last one ended
      throw std::runtime_error("every worker of the process pool has ended with " + std::to_string(outstanding_) + " requests outstanding");
    }
    --outstanding_;
    return envelope;
  }

  void take_in(const Envelope<Reply>& envelope) { arrived_.emplace(envelope.ticket, envelope.content); }

  // Whether any worker lives. Throws if one ended otherwise than by being told to: the request it held is lost, so from
  // then on the pool is of no more use and says so each time.
  bool alive() {
    bool any = false;
    for (std::size_t index = 0; index < workers_.size(); ++index) {
      const pid_t id = workers_[index].id();
      if (id == 0) continue;
      const std::optional<ExitStatus> status = workers_[index].poll();
      any = any || !status;
      if (!status || (status->ok() && requests_.closed())) continue;
      death_ = died(index, id, *status);
      throw *death_;
    }
    return any;
  }

  [[nodiscard]] ProcessDied died(std::size_t index, pid_t id, const ExitStatus& status) const {
    return {"worker " + std::to_string(index + 1) + " of " + std::to_string(workers_.size()) + " of the process pool, with " +
                std::to_string(outstanding_) + " requests outstanding,",
            id, status};
  }

  SharedQueue<Envelope<Request>> requests_;
  SharedQueue<Envelope<Reply>> replies_;
  std::vector<Process> workers_;
  std::unordered_map<Ticket, Reply> arrived_;
  Ticket next_ticket_ = 0;
  std::uint64_t outstanding_ = 0;
  std::optional<ProcessDied> death_;
};

}  // namespace makespan
