// SPDX-License-Identifier: Apache-2.0
#include "models/runtime/light_task.hpp"

namespace makespan {

void* LightGroup::allocate(std::size_t frame_bytes) { return frames_.allocate(frame_bytes, alignof(void*)); }

}  // namespace makespan
