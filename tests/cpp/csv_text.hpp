// SPDX-License-Identifier: Apache-2.0
// A reader of CSV that is independent of what writes it.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace makespan {

/// RFC 4180 with LF: the complete records, header first, and what comes after the last complete one.
struct CsvText {
  std::vector<std::vector<std::string>> records;
  std::string torn;

  explicit CsvText(std::string_view text) {
    std::vector<std::string> record(1);
    bool quoted = false;
    std::size_t complete = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char character = text[at];
      if (quoted && character == '"' && at + 1 < text.size() && text[at + 1] == '"') {
        record.back() += text[++at];
      } else if (character == '"') {
        quoted = !quoted;
      } else if (!quoted && character == ',') {
        record.emplace_back();
      } else if (!quoted && character == '\n') {
        records.push_back(std::exchange(record, std::vector<std::string>(1)));
        complete = at + 1;
      } else {
        record.back() += character;
      }
    }
    torn = text.substr(complete);
  }

  [[nodiscard]] std::size_t rows() const { return records.empty() ? 0 : records.size() - 1; }

  /// Field of a row, counted from 0 behind the header. Throws if there is no such column or field.
  [[nodiscard]] const std::string& at(std::size_t row, std::string_view column) const {
    const std::vector<std::string>& names = records.at(0);
    const auto found = std::find(names.begin(), names.end(), column);
    if (found == names.end()) throw std::out_of_range("no column " + std::string(column));
    return records.at(row + 1).at(static_cast<std::size_t>(found - names.begin()));
  }

  /// Whether every record has as many fields as the header.
  [[nodiscard]] bool is_rectangular() const {
    return std::all_of(records.begin(), records.end(), [&](const auto& record) { return record.size() == records.front().size(); });
  }
};

}  // namespace makespan
