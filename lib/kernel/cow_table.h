#ifndef SKYBOX_KERNEL_COW_TABLE_H_
#define SKYBOX_KERNEL_COW_TABLE_H_

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace skybox::kernel {

// The index of no row: of every table, list and index in this folder.
inline constexpr uint32_t kNone = 0xFFFFFFFF;

// Counts of owners. Whoever holds a reference may add one, so a count of 1 seen by its holder stays
// 1, and by then everything that former owners did with the object has happened.
namespace cow_internal {

using References = std::atomic<uint32_t>;

inline void AddReference(References& references) {
  references.fetch_add(1, std::memory_order_relaxed);
}

inline bool IsExclusive(const References& references) {
  return references.load(std::memory_order_acquire) == 1;
}

// Whether that was the last one.
inline bool DropReference(References& references) {
  return IsExclusive(references) || references.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace cow_internal

// A growing array that copies in a few nanoseconds, however long it is. Copies share chunks of
// `kChunk` rows until one of them writes: the first write to a chunk after a copy copies that
// chunk, and the first write of all also two small arrays on the way to it.
//
// References: Append never moves a row. What Write gave can be written to until the array is next
// copied. What operator[] gave is good until the next Write or Append, which may put a copy in its
// place.
//
// Threads: as with a standard container, one that nobody writes to can be read and copied by
// several threads at a time. Copies that share chunks are independent: each may be used on a thread
// of its own.
template <class Row, size_t kChunk>
class CowArray {
  // root -> branches of kFan entries -> chunks of kChunk rows, each level with a count of owners.
  // Every entry names the epoch of the array that last made sure that its chunk, its branch and the
  // root have no other owner. An array that is copied goes on to an epoch that no entry names, and
  // so does the copy. So a write compares two numbers, neither of which lies in the chunk; and
  // entries that are shared name no sharer's epoch.
  static_assert(kChunk > 0 && (kChunk & (kChunk - 1)) == 0, "a power of two");
  static constexpr uint32_t kFan = 64;

 public:
  CowArray() = default;

  CowArray(const CowArray& other) noexcept
      : branches_(other.branches_), size_(other.size_), claimed_(other.claimed_) {
    if (branches_ == nullptr) return;
    // Several threads may do this at once; they store the same number.
    uint64_t epoch = other.epoch_.load(std::memory_order_relaxed);
    if (epoch == claimed_) other.epoch_.store(++epoch, std::memory_order_relaxed);
    epoch_.store(epoch, std::memory_order_relaxed);
    cow_internal::AddReference(root()->references);
  }

  CowArray(CowArray&& other) noexcept { Swap(other); }

  CowArray& operator=(const CowArray& other) noexcept { return *this = CowArray(other); }

  CowArray& operator=(CowArray&& other) noexcept {
    CowArray taken(std::move(other));
    Swap(taken);
    return *this;
  }

  ~CowArray() {
    if (branches_ != nullptr) ReleaseRoot(root());
  }

  uint32_t size() const { return size_; }

  // Both are a handful of instructions that the compiler would rather call.
  [[gnu::always_inline]] const Row& operator[](uint32_t i) const {
    assert(i < size_);
    return EntryOf(i)->chunk->rows()[i % kChunk];
  }

  [[gnu::always_inline]] Row& Write(uint32_t i) {
    assert(i < size_);
    Entry* entry = EntryOf(i);
    if (entry->owner != epoch_.load(std::memory_order_relaxed)) [[unlikely]]
      entry = Claim(i);
    return entry->chunk->rows()[i % kChunk];
  }

  // Returns the index of the new row. At most 2^32 - 16 rows.
  uint32_t Append(Row row) {
    Chunk* chunk = LastChunk();
    std::construct_at(chunk->rows() + size_ % kChunk, std::move(row));
    ++chunk->size;
    return size_++;
  }

  // Appends rows of the default value until there are `size`.
  void Grow(uint32_t size) {
    while (size_ < size) {
      Chunk* chunk = LastChunk();
      do {
        std::construct_at(chunk->rows() + size_ % kChunk);
        ++chunk->size;
        ++size_;
      } while (size_ < size && size_ % kChunk != 0);
    }
  }

  void Clear() { *this = CowArray(); }

 private:
  struct Chunk {
    // First, so that rows begin at a cache line.
    alignas(Row) std::byte storage[kChunk * sizeof(Row)];
    cow_internal::References references = 1;
    uint32_t size = 0;  // the rows that exist are the first ones

    Row* rows() { return std::launder(reinterpret_cast<Row*>(storage)); }
    const Row* rows() const { return std::launder(reinterpret_cast<const Row*>(storage)); }
  };

  struct Entry {
    Chunk* chunk = nullptr;
    uint64_t owner = 0;  // an epoch
  };

  struct alignas(16) Branch {  // followed by `capacity` entries
    cow_internal::References references = 1;
    uint32_t size = 0;
    uint32_t capacity = 0;

    Entry* entries() { return reinterpret_cast<Entry*>(this + 1); }
  };

  struct alignas(16) Root {  // followed by `capacity` pointers
    cow_internal::References references = 1;
    uint32_t size = 0;
    uint32_t capacity = 0;

    Branch** branches() { return reinterpret_cast<Branch**>(this + 1); }
  };

  static constexpr std::align_val_t kChunkAlignment{
      alignof(Chunk) > 64 || sizeof(Chunk) < 512 ? alignof(Chunk) : 64};

  static Chunk* NewChunk() { return ::new (::operator new(sizeof(Chunk), kChunkAlignment)) Chunk; }

  static Branch* NewBranch(uint32_t capacity) {
    auto* branch = ::new (::operator new(sizeof(Branch) + capacity * sizeof(Entry))) Branch;
    branch->capacity = capacity;
    return branch;
  }

  static Root* NewRoot(uint32_t capacity) {
    auto* root = ::new (::operator new(sizeof(Root) + capacity * sizeof(Branch*))) Root;
    root->capacity = capacity;
    return root;
  }

  static void ReleaseChunk(Chunk* chunk) {
    if (!cow_internal::DropReference(chunk->references)) return;
    if constexpr (!std::is_trivially_destructible_v<Row>) {
      std::destroy_n(chunk->rows(), chunk->size);
    }
    chunk->~Chunk();
    ::operator delete(chunk, kChunkAlignment);
  }

  static void ReleaseBranch(Branch* branch) {
    if (!cow_internal::DropReference(branch->references)) return;
    for (uint32_t i = 0; i < branch->size; ++i) ReleaseChunk(branch->entries()[i].chunk);
    ::operator delete(branch);
  }

  static void ReleaseRoot(Root* root) {
    if (!cow_internal::DropReference(root->references)) return;
    for (uint32_t i = 0; i < root->size; ++i) ReleaseBranch(root->branches()[i]);
    ::operator delete(root);
  }

  Root* root() const { return reinterpret_cast<Root*>(branches_) - 1; }

  [[gnu::always_inline]] Entry* EntryOf(uint32_t i) const {
    return branches_[i / kChunk / kFan]->entries() + i / kChunk % kFan;
  }

  // Makes the root ours alone, with room for `size` branches.
  void OwnRoot(uint32_t size) {
    if (branches_ == nullptr) {
      branches_ = NewRoot(size)->branches();
      return;
    }
    Root* old = root();
    const bool shared = !cow_internal::IsExclusive(old->references);
    if (!shared && size <= old->capacity) return;
    Root* copy = NewRoot(size <= old->capacity ? old->capacity : 2 * size);
    copy->size = old->size;
    for (uint32_t i = 0; i < old->size; ++i) {
      copy->branches()[i] = old->branches()[i];
      if (shared) cow_internal::AddReference(old->branches()[i]->references);
    }
    branches_ = copy->branches();
    if (shared) {
      ReleaseRoot(old);
    } else {
      ::operator delete(old);
    }
  }

  // Makes a branch of our root ours alone, with room for `size` entries.
  Branch* OwnBranch(uint32_t b, uint32_t size) {
    Branch* old = branches_[b];
    const bool shared = !cow_internal::IsExclusive(old->references);
    if (!shared && size <= old->capacity) return old;
    Branch* copy = NewBranch(size <= old->capacity ? old->capacity : kFan);
    copy->size = old->size;
    for (uint32_t i = 0; i < old->size; ++i) {
      std::construct_at(copy->entries() + i, old->entries()[i]);
      if (shared) cow_internal::AddReference(old->entries()[i].chunk->references);
    }
    branches_[b] = copy;
    if (shared) {
      ReleaseBranch(old);
    } else {
      ::operator delete(old);
    }
    return copy;
  }

  static Chunk* CopyOf(const Chunk* from) {
    Chunk* copy = NewChunk();
    if constexpr (std::is_trivially_copyable_v<Row>) {
      std::memcpy(copy->storage, from->storage, from->size * sizeof(Row));
    } else {
      std::uninitialized_copy_n(from->rows(), from->size, copy->rows());
    }
    copy->size = from->size;
    return copy;
  }

  // Makes everything on the way to row `i` ours alone.
  [[gnu::noinline]] Entry* Claim(uint32_t i) {
    const uint32_t c = i / kChunk;
    OwnRoot(0);
    Entry* entry = OwnBranch(c / kFan, 0)->entries() + c % kFan;
    if (!cow_internal::IsExclusive(entry->chunk->references)) {
      Chunk* copy = CopyOf(entry->chunk);
      ReleaseChunk(std::exchange(entry->chunk, copy));
    }
    claimed_ = epoch_.load(std::memory_order_relaxed);
    entry->owner = claimed_;
    return entry;
  }

  // The chunk that the next row goes to, ours alone.
  Chunk* LastChunk() {
    if (size_ % kChunk == 0) return AddChunk();
    Entry* entry = EntryOf(size_);
    if (entry->owner != epoch_.load(std::memory_order_relaxed)) [[unlikely]]
      entry = Claim(size_);
    return entry->chunk;
  }

  [[gnu::noinline]] Chunk* AddChunk() {
    assert(size_ < kNone - 16);
    const uint32_t c = size_ / kChunk;
    const uint32_t b = c / kFan;
    OwnRoot(b + 1);
    if (b == root()->size) {
      branches_[b] = NewBranch(b == 0 ? 4 : kFan);  // small ones are many
      ++root()->size;
    }
    Branch* branch = OwnBranch(b, c % kFan + 1);
    claimed_ = epoch_.load(std::memory_order_relaxed);
    Entry* entry = branch->entries() + c % kFan;
    std::construct_at(entry, Entry{NewChunk(), claimed_});
    ++branch->size;
    return entry->chunk;
  }

  void Swap(CowArray& other) noexcept {
    std::swap(branches_, other.branches_);
    std::swap(size_, other.size_);
    std::swap(claimed_, other.claimed_);
    const uint64_t epoch = epoch_.load(std::memory_order_relaxed);
    epoch_.store(other.epoch_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    other.epoch_.store(epoch, std::memory_order_relaxed);
  }

  Branch** branches_ = nullptr;  // of the root, which lies before them
  uint32_t size_ = 0;
  uint64_t claimed_ = 0;  // no entry names a later epoch
  mutable std::atomic<uint64_t> epoch_ =
      1;  // at least claimed_; after it where chunks may be shared
};

// Rows addressed by index, of which those given back are used again, the last one first. It copies
// as a CowArray does, in O(1); what that says about references and threads holds here too.
template <class Row, size_t kChunk = 64>
class CowTable {
 public:
  CowTable() = default;
  CowTable(const CowTable&) = default;
  CowTable(CowTable&& other) noexcept { Swap(other); }
  CowTable& operator=(const CowTable&) = default;
  CowTable& operator=(CowTable&& other) noexcept {
    CowTable taken(std::move(other));
    Swap(taken);
    return *this;
  }
  ~CowTable() = default;

  // One more than the greatest index in use so far. Rows that were given back are counted, and can
  // be read.
  uint32_t size() const { return rows_.size(); }

  // How many rows are not given back.
  uint32_t live() const { return rows_.size() - free_count_; }

  [[gnu::always_inline]] const Row& operator[](uint32_t i) const { return rows_[i]; }
  [[gnu::always_inline]] Row& Write(uint32_t i) { return rows_.Write(i); }

  // Adds a row at the end, whatever has been given back, and returns its index.
  uint32_t Append(Row row) { return rows_.Append(std::move(row)); }

  // Returns the index of the row that was given back last, or of a new one. It is Row{}, or what
  // Row::Reset() left.
  uint32_t Take() {
    if (free_count_ > 0) return free_[--free_count_];
    rows_.Grow(rows_.size() + 1);
    return rows_.size() - 1;
  }

  // Gives a row back and lets go of what it holds: calls row.Reset() where Row has that (it may
  // keep a generation, say), otherwise makes it Row{}. A row is given back once.
  void Give(uint32_t i) { Give(i, rows_.Write(i)); }
  // `row` is what Write(i) gave.
  void Give(uint32_t i, Row& row) {
    assert(free_count_ < rows_.size());
    if constexpr (requires { row.Reset(); }) {
      row.Reset();
    } else {
      row = Row{};
    }
    if (free_count_ < free_.size()) {
      free_.Write(free_count_) = i;
    } else {
      free_.Append(i);
    }
    ++free_count_;
  }

  void Clear() { *this = CowTable(); }

  // The rows given back, in the order in which that happened: the last is taken next.
  std::vector<uint32_t> FreeRows() const {
    std::vector<uint32_t> rows(free_count_);
    for (uint32_t i = 0; i < free_count_; ++i) rows[i] = free_[i];
    return rows;
  }

  // A table of `size` rows of the default value, of which those in `free` have been given back in
  // this order. They are below `size` and none comes twice.
  static CowTable WithFreeRows(uint32_t size, const std::vector<uint32_t>& free) {
    CowTable table;
    table.rows_.Grow(size);
    for (const uint32_t i : free) table.free_.Append(i);
    table.free_count_ = static_cast<uint32_t>(free.size());
    return table;
  }

 private:
  void Swap(CowTable& other) noexcept {
    std::swap(rows_, other.rows_);
    std::swap(free_, other.free_);
    std::swap(free_count_, other.free_count_);
  }

  CowArray<Row, kChunk> rows_;
  // A stack, whose top stays in the cache, rather than links in rows that left it long ago.
  CowArray<uint32_t, 256> free_;
  uint32_t free_count_ = 0;  // what lies above was taken
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_COW_TABLE_H_
