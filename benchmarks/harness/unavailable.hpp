// SPDX-License-Identifier: Apache-2.0
// What a measurement throws where the system has not got what it needs, as it turns out only when that is tried.
#pragma once

#include <stdexcept>

namespace makespan {

/// Thrown before the run begins, with the limit and a remedy: the row is skipped, as one whose limits forbid it beforehand.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace makespan
