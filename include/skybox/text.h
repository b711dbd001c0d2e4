#ifndef SKYBOX_TEXT_H_
#define SKYBOX_TEXT_H_

#include <atomic>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace skybox {

namespace internal {

// Whether no other thread has ever been started: then a count needs no locked instruction, which
// takes longer than many a call's own work.
inline bool IsSingleThreaded() {
#if __has_include(<sys/single_threaded.h>)
  return __libc_single_threaded != 0;
#else
  return false;
#endif
}

}  // namespace internal

// An immutable byte string that copies share: a body published to a thousand queues is stored once.
// Copies may be read and destroyed on different threads.
// At most 4 GiB less a byte; a longer one ends the program, as memory that has run out would.
class Text {
 public:
  Text() = default;
  Text(std::string_view bytes);                               // NOLINT(google-explicit-constructor)
  Text(const char* bytes) : Text(std::string_view(bytes)) {}  // NOLINT
  Text(const std::string& bytes) : Text(std::string_view(bytes)) {}  // NOLINT

  Text(const Text& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) AddReference();
  }
  Text(Text&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Text& operator=(const Text& other) noexcept {
    Text copy(other);
    std::swap(block_, copy.block_);
    return *this;
  }
  Text& operator=(Text&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Text() {
    if (block_ != nullptr) Release();
  }

  std::string_view view() const {
    return block_ == nullptr ? std::string_view() : std::string_view(block_->bytes(), block_->size);
  }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  std::string str() const { return std::string(view()); }
  const char* data() const { return view().data(); }
  size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return size() == 0; }

  // A 64-bit hash of the bytes, the same in every process. Of a long text it is worked out once for
  // all copies.
  uint64_t Hash() const {
    if (block_ == nullptr) return 0;
    if (block_->size < kLong) return ComputeHash();
    const uint64_t known = block_->long_hash()->load(std::memory_order_relaxed);
    return known != 0 ? known : ComputeHash();
  }

  // Whether both share one store, which makes them equal without a look at the bytes.
  bool SharesWith(const Text& other) const { return block_ == other.block_; }

  friend bool operator==(const Text& a, const Text& b) {
    return a.block_ == b.block_ || a.view() == b.view();
  }
  template <typename T>
    requires(std::convertible_to<const T&, std::string_view> && !std::same_as<T, Text>)
  friend bool operator==(const Text& a, const T& b) {
    return a.view() == std::string_view(b);
  }

 private:
  // A text of this size or more keeps its hash. A shorter one is hashed again as quickly as it is
  // found, and without those bytes a body of 1 KiB stays in the sizes that malloc is quick with.
  static constexpr uint32_t kLong = 4096;

  struct Block {  // followed by the bytes, and in a long text, aligned, by its hash
    std::atomic<uint32_t> references;
    uint32_t size;

    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
    std::atomic<uint64_t>* long_hash() {  // 0: not yet known
      return reinterpret_cast<std::atomic<uint64_t>*>(this + 1) + (size + uint64_t{7}) / 8;
    }
  };

  void AddReference() noexcept {
    std::atomic<uint32_t>& references = block_->references;
    if (internal::IsSingleThreaded()) {
      references.store(references.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    } else {
      references.fetch_add(1, std::memory_order_relaxed);
    }
  }
  void Release() {
    std::atomic<uint32_t>& references = block_->references;
    // The last owner needs no read-modify-write: nobody else is left who could copy.
    const uint32_t owners = references.load(std::memory_order_acquire);
    if (owners == 1) {
      Free();
    } else if (internal::IsSingleThreaded()) {
      references.store(owners - 1, std::memory_order_relaxed);
    } else if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      Free();
    }
  }
  void Free();
  uint64_t ComputeHash() const;

  Block* block_ = nullptr;
};

// The MD5 of some bytes as 32 hexadecimal digits, worked out when somebody reads it. Empty where
// there is nothing to hash (a message without attributes).
class Md5 {
 public:
  Md5() = default;
  explicit Md5(Text bytes) : bytes_(std::move(bytes)), present_(true) {}

  bool empty() const { return !present_; }
  std::string str() const;
  operator std::string() const { return str(); }  // NOLINT(google-explicit-constructor)

  friend bool operator==(const Md5& a, const Md5& b) {
    return a.present_ == b.present_ && a.bytes_ == b.bytes_;
  }
  template <typename T>
    requires(std::convertible_to<const T&, std::string_view> && !std::same_as<T, Md5>)
  friend bool operator==(const Md5& a, const T& b) {
    return a.str() == std::string_view(b);
  }

 private:
  Text bytes_;
  bool present_ = false;
};

}  // namespace skybox

#endif  // SKYBOX_TEXT_H_
