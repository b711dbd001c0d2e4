#ifndef SKYBOX_KERNEL_COW_INDEX_H_
#define SKYBOX_KERNEL_COW_INDEX_H_

#include <bit>
#include <cassert>
#include <cstdint>
#include <utility>

#include "kernel/cow_table.h"

namespace skybox::kernel {

// A hash index: finds rows of a table by a key that lies in the rows themselves. It copies in O(1),
// as a CowArray does, and an empty new one allocates nothing. It cannot be iterated: its order is
// nobody's business.
//
//   uint32_t row = index.Find(name.Hash(), [&](uint32_t r) { return rows[r].name == name; });
//   if (row == kNone) index.Insert(name.Hash(), row = rows.Append({.name = name}));
class CowIndex {
 public:
  CowIndex() = default;
  CowIndex(const CowIndex&) = default;
  CowIndex(CowIndex&& other) noexcept { Swap(other); }
  CowIndex& operator=(const CowIndex&) = default;
  CowIndex& operator=(CowIndex&& other) noexcept {
    CowIndex taken(std::move(other));
    Swap(taken);
    return *this;
  }
  ~CowIndex() = default;

  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Returns a row that was inserted with this hash and for which `equal(row)` holds, or kNone.
  // Calls `equal` for rows whose hash is the same in 32 bits only.
  template <class Equal>
  uint32_t Find(uint64_t hash, Equal&& equal) const {
    if (size_ == 0) return kNone;
    const uint32_t part = PartOf(hash);
    for (uint32_t at = part >> shift_;; at = Next(at)) {
      const Slot slot = slots_[at];
      if (slot.row_plus_1 == 0) return kNone;
      if (slot.part == part && equal(slot.row_plus_1 - 1)) return slot.row_plus_1 - 1;
    }
  }

  // Adds a row. That no row with an equal key is there is for the caller to see to. At most 2^30
  // rows.
  void Insert(uint64_t hash, uint32_t row) {
    assert(row != kNone);
    if (size_ >= slots_.size() / 4 * 3) {
      Rebuild(slots_.size() == 0 ? kFewestSlots : 2 * slots_.size());
    }
    Put({PartOf(hash), row + 1});
    ++size_;
  }

  // Takes out the row that was inserted with this hash. Returns false if it is not there.
  bool Erase(uint64_t hash, uint32_t row) {
    if (size_ == 0) return false;
    const Slot wanted = {PartOf(hash), row + 1};
    uint32_t hole = wanted.part >> shift_;
    for (;; hole = Next(hole)) {
      const Slot slot = slots_[hole];
      if (slot.row_plus_1 == 0) return false;
      if (slot.part == wanted.part && slot.row_plus_1 == wanted.row_plus_1) break;
    }
    // A later slot of the run moves into the hole if the hole lies on the way from its home to it.
    const uint32_t mask = slots_.size() - 1;
    for (uint32_t at = Next(hole);; at = Next(at)) {
      const Slot slot = slots_[at];
      if (slot.row_plus_1 == 0) break;
      if (((at - (slot.part >> shift_)) & mask) >= ((at - hole) & mask)) {
        slots_.Write(hole) = slot;
        hole = at;
      }
    }
    slots_.Write(hole) = Slot{};
    --size_;
    if (slots_.size() > kFewestSlots && size_ < slots_.size() / 8) Rebuild(slots_.size() / 2);
    return true;
  }

  void Clear() { *this = CowIndex(); }

 private:
  struct Slot {
    uint32_t part = 0;        // of the hash; its high bits say where the slot would best be
    uint32_t row_plus_1 = 0;  // 0: empty
  };

  static constexpr uint32_t kChunk = 128;
  static constexpr uint32_t kFewestSlots = kChunk;

  // Every bit of the hash counts, so that a hash of low quality (a number itself) will do.
  static uint32_t PartOf(uint64_t hash) {
    return static_cast<uint32_t>(((hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15u) >> 32);
  }

  uint32_t Next(uint32_t at) const { return (at + 1) & (slots_.size() - 1); }

  void Put(Slot slot) {
    uint32_t at = slot.part >> shift_;
    while (slots_[at].row_plus_1 != 0) at = Next(at);
    slots_.Write(at) = slot;
  }

  void Rebuild(uint32_t slot_count) {
    const CowArray<Slot, kChunk> old = std::exchange(slots_, {});
    slots_.Grow(slot_count);
    shift_ = 32 - static_cast<uint32_t>(std::countr_zero(slot_count));
    for (uint32_t i = 0; i < old.size(); ++i) {
      if (old[i].row_plus_1 != 0) Put(old[i]);
    }
  }

  void Swap(CowIndex& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(size_, other.size_);
    std::swap(shift_, other.shift_);
  }

  CowArray<Slot, kChunk> slots_;  // none, or a power of two, with linear probing
  uint32_t size_ = 0;
  uint32_t shift_ = 0;  // from the part of a hash to a slot
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_COW_INDEX_H_
