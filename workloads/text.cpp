// SPDX-License-Identifier: Apache-2.0
#include "workloads/text.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <functional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace makespan {
namespace {

// Pseudo-random numbers of one line: a pure function of the seed and the line's index.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t line) : state_(mix_bits(mix_bits(seed) + line)) {}
  std::uint64_t bits() { return mix_bits(state_++); }
  std::uint64_t below(std::uint64_t limit) { return (bits() >> 32U) * limit >> 32U; }

 private:
  std::uint64_t state_;
};

// 1 to 8 letters, about as frequent as in English, and a space.
void add_word(std::string& text, std::uint64_t bits) {
  constexpr std::string_view letters = "eeeettaaooiinnsshrdlcumwfgypbvkx";
  static_assert(letters.size() == 32);
  const std::uint64_t length = 1 + (bits & 7U);
  for (std::uint64_t letter = 0; letter < length; ++letter) text += letters[(bits >> (3 + 5 * letter)) & 31U];
  text += ' ';
}

// Words in one line: 5.5 bytes each. Mean 10 and a little.
std::uint64_t word_count(Dice& dice) {
  if (dice.below(32) == 0) return 0;
  if (dice.below(1024) == 0) return 200 + dice.below(800);
  return dice.below(21);
}

void add_line(std::string& text, Dice dice, std::string_view planted) {
  const bool plant = (dice.bits() & 1U) != 0;
  const std::uint64_t words = word_count(dice);
  const std::uint64_t place = dice.below(words + 1);
  for (std::uint64_t word = 0; word <= words; ++word) {
    if (plant && word == place) text.append(planted) += ' ';
    if (word < words) add_word(text, dice.bits());
  }
  if (text.ends_with(' ')) text.pop_back();
  text += '\n';
}

[[noreturn]] void unreadable(const std::string& file) { throw std::system_error(errno, std::generic_category(), "cannot read " + file); }

struct OpenFile {
  int number;
  ~OpenFile() { close(number); }
};

constexpr std::size_t longest_read = std::size_t{1} << 30U;  // of what cannot be mapped, and may never end

std::string read_to_end(int descriptor, const std::string& file) {
  std::string bytes;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t got = ::read(descriptor, block.data(), block.size());
    if (got > 0) bytes.append(block.data(), static_cast<std::size_t>(got));
    if (bytes.size() > longest_read) {
      throw std::system_error(std::make_error_code(std::errc::file_too_large),
                              "cannot read " + file + ", which is no regular file and longer than 1 GiB");
    }
    if (got == 0) return bytes;
    if (got < 0 && errno != EINTR) unreadable(file);
  }
}

std::uint64_t count_lines(std::string_view bytes, LineEnd end) {
  if (bytes.empty()) return 0;
  const auto ends = [end](char byte) { return byte == '\n' || (end == LineEnd::newline_or_nul && byte == '\0'); };
  return static_cast<std::uint64_t>(std::count_if(bytes.begin(), bytes.end(), ends)) + (ends(bytes.back()) ? 0 : 1);
}

std::uint64_t load(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// The high bit of every byte that is zero; above the lowest of them also of some that are not (S. E. Anderson, "Bit
// Twiddling Hacks").
std::uint64_t zero_bytes(std::uint64_t word) { return (word - 0x0101010101010101U) & ~word & 0x8080808080808080U; }

std::uint64_t fold(std::uint64_t left, std::uint64_t right) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(left) * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

Text::Text(std::shared_ptr<const void> memory, std::string_view bytes)
    : memory_(std::move(memory)),
      bytes_(bytes),
      line_end_(bytes.find('\0') == std::string_view::npos ? LineEnd::newline : LineEnd::newline_or_nul),
      lines_(count_lines(bytes, line_end_)) {}

Text::Text(std::string bytes) : Text(nullptr, {}) {
  const auto kept = std::make_shared<const std::string>(std::move(bytes));
  *this = Text(kept, *kept);
}

Text Text::generate(std::uint64_t lines, std::uint64_t seed, std::string_view planted) {
  if (const auto problem = pattern_problem(planted)) throw std::invalid_argument("the pattern to plant " + *problem);
  std::string bytes;
  bytes.reserve(lines * 64);
  for (std::uint64_t line = 0; line < lines; ++line) add_line(bytes, Dice(seed, line), planted);
  return Text(std::move(bytes));
}

Text Text::read(const std::string& file) {
  const OpenFile opened{open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (opened.number < 0 || fstat(opened.number, &status) != 0) unreadable(file);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (S_ISREG(status.st_mode) && size > 0) {  // a file of /proc is said to have no bytes
    void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, opened.number, 0);
    if (address != MAP_FAILED) {
      std::shared_ptr<const void> memory(address, [size](void* mapped) { munmap(mapped, size); });
      return Text(std::move(memory), {static_cast<const char*>(address), size});
    }
  }
  return Text(read_to_end(opened.number, file));
}

void Text::write_to(int descriptor) const {
  for (std::string_view rest = bytes_; !rest.empty();) {
    const ssize_t written = write(descriptor, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "write");
    }
  }
}

std::size_t detail::find_newline_or_nul(std::string_view bytes) noexcept {
  constexpr std::uint64_t newlines = 0x0a0a0a0a0a0a0a0aU;
  std::size_t at = 0;
  while (at + 8 <= bytes.size()) {
    const std::uint64_t word = load(bytes.data() + at);
    if ((zero_bytes(word) | zero_bytes(word ^ newlines)) != 0) break;
    at += 8;
  }
  for (; at < bytes.size(); ++at) {
    if (bytes[at] == '\n' || bytes[at] == '\0') return at;
  }
  return std::string_view::npos;
}

std::optional<std::string> pattern_problem(std::string_view pattern) {
  if (pattern.find('\n') != std::string_view::npos) return "contains a newline, which no line does";
  if (pattern.find('\0') != std::string_view::npos) return "contains a NUL byte, which ends a line";
  return std::nullopt;
}

Checksum LineTally::hash(std::string_view line) noexcept {
  constexpr std::uint64_t first_key = 0x9e3779b97f4a7c15U;
  constexpr std::uint64_t second_key = 0xd1b54a32d192ed03U;
  const char* at = line.data();
  std::size_t left = line.size();
  std::uint64_t state = left;
  for (; left >= 16; at += 16, left -= 16) {
    // The product of one step does not wait for the one before: what does is a rotation and an addition.
    state = std::rotl(state, 23) + fold(load(at) ^ first_key, (load(at + 8) + left) ^ second_key);
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (line.size() >= 16) {  // the rest with some bytes before it once more, as a copy of unknown length is dear
    low = load(at + left - 16);
    high = load(at + left - 8);
  } else if (left >= 8) {
    low = load(at);
    high = load(at + left - 8);
  } else {
    for (std::size_t byte = 0; byte < left; ++byte) low = low << 8U | static_cast<unsigned char>(at[byte]);
  }
  return mix_bits(std::rotl(state, 23) + fold(low ^ first_key, high ^ second_key));
}

LineTally matching(const Text& text, std::string_view pattern) {
  const auto ends = [nul = text.line_end() == LineEnd::newline_or_nul](char byte) { return byte == '\n' || (nul && byte == '\0'); };
  const std::boyer_moore_horspool_searcher search(pattern.begin(), pattern.end());
  LineTally tally;
  const auto end = text.bytes().end();
  for (auto rest = text.bytes().begin(); rest != end;) {
    const auto hit = std::search(rest, end, search);
    if (hit == end) break;
    const auto before = std::find_if(std::make_reverse_iterator(hit), std::make_reverse_iterator(rest), ends);
    const auto after = std::find_if(hit, end, ends);
    tally.add({before.base(), after});
    rest = after == end ? end : after + 1;
  }
  return tally;
}

}  // namespace makespan
