#ifndef SKYBOX_KERNEL_TEXT_TABLE_H_
#define SKYBOX_KERNEL_TEXT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "skybox/text.h"

// The texts of a component's snapshot. Each is stored once, however many messages hold it, and is
// shared again when it comes back. What holds one stores its number: 0 for the empty text, n for
// the n-th of the table.
namespace skybox::kernel {

class TextNumbers {
 public:
  uint32_t Of(const Text& text) {
    if (text.empty()) return 0;
    const auto [entry, is_new] =
        numbers_.try_emplace(text, static_cast<uint32_t>(texts_.size() + 1));
    if (is_new) texts_.push_back(text);
    return entry->second;
  }

  // In the order of their numbers, from 1.
  const std::vector<Text>& texts() const { return texts_; }

 private:
  struct HashOf {
    size_t operator()(const Text& text) const { return static_cast<size_t>(text.Hash()); }
  };

  absl::flat_hash_map<Text, uint32_t, HashOf> numbers_;
  std::vector<Text> texts_;
};

class NumberedTexts {
 public:
  NumberedTexts() = default;
  explicit NumberedTexts(std::vector<Text> texts) : texts_(std::move(texts)) {}

  // False, and nothing changes, for a number that there is not.
  bool Get(uint32_t number, Text& text) const {
    if (number > texts_.size()) return false;
    text = number == 0 ? Text() : texts_[number - 1];
    return true;
  }

 private:
  std::vector<Text> texts_;
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_TEXT_TABLE_H_
