#include "skybox/text.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/md5.h"

namespace skybox {

Text::Text(std::string_view bytes) {
  if (bytes.empty()) return;
  if (bytes.size() > std::numeric_limits<uint32_t>::max()) {
    // Like memory that has run out: there is no shorter text that would be right.
    std::fputs("skybox::Text: more than 4 GiB\n", stderr);
    std::abort();
  }
  const size_t size = bytes.size();
  const size_t with_hash = size < kLong ? size : (size + 7) / 8 * 8 + sizeof(uint64_t);
  void* memory = ::operator new(sizeof(Block) + with_hash);
  block_ = new (memory) Block{.references = 1, .size = static_cast<uint32_t>(size)};
  std::memcpy(static_cast<char*>(memory) + sizeof(Block), bytes.data(), size);
  if (size >= kLong) new (block_->long_hash()) std::atomic<uint64_t>(0);
}

void Text::Free() {
  block_->~Block();
  ::operator delete(block_);
}

uint64_t Text::ComputeHash() const {
  uint64_t hash = kernel::HashBytes(view());
  if (hash == 0) hash = 1;  // 0 says "not yet known"
  // Two threads may both come here; they store the same number.
  if (block_->size >= kLong) block_->long_hash()->store(hash, std::memory_order_relaxed);
  return hash;
}

std::string Md5::str() const { return present_ ? kernel::Md5Hex(bytes_) : std::string(); }

}  // namespace skybox
