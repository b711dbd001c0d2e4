#ifndef SKYBOX_KERNEL_WORLD_FILE_H_
#define SKYBOX_KERNEL_WORLD_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernel/kernel.h"
#include "skybox/choices.h"
#include "skybox/options.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace skybox::proto {
class Payload;
}  // namespace skybox::proto

// A world as bytes: lib/proto/snapshot.proto says what is in them. Bytes may come from anywhere:
// none of them makes reading crash or hang, and the memory that it takes goes with their size.
//
//   WriteWorld(kernel)                          the bytes
//
//   proto::Payload payload;
//   ReadWorld(bytes, payload)                   frame, version, checksum
//   OptionsOf(payload.kernel(), choices)        what to make the kernel and its components of
//   RestoreWorld(payload, kernel)               their state
namespace skybox::kernel {

inline constexpr uint32_t kWorldFormatVersion = 1;

// FailedPrecondition where Kernel::CanFork says so; ResourceExhausted for a world of 2 GiB or more.
absl::StatusOr<std::string> WriteWorld(const Kernel& kernel);

// Unimplemented for a format version that this library does not know, DataLoss for bytes that are
// truncated or corrupted, or are no world.
absl::Status ReadWorld(std::string_view bytes, proto::Payload& payload);

// The options of a saved kernel, checked as far as that goes without the services. Its choices are
// `source` where that is given. InvalidArgument for a source of another name, and where the saved
// one cannot be made of its name; DataLoss for options that no Cloud can have.
absl::StatusOr<CloudOptions> OptionsOf(const proto::Kernel& in,
                                       std::shared_ptr<const ChoiceSource> source);

// Restores the kernel, then its components, which are those that were saved. DataLoss; the kernel
// is good for nothing then.
absl::Status RestoreWorld(const proto::Payload& payload, Kernel& kernel);

// ---- For Component::Save and Component::Restore

// The message as bytes. None when it has 2 GiB or more, which WriteWorld refuses: a state with
// content is never without bytes.
std::string Serialize(const google::protobuf::Message& message);

// False for bytes that are no such message, or are written in another way than Serialize does: with
// fields that are not known here, say.
bool Parse(std::string_view bytes, google::protobuf::Message& message);

// Counters of a world that has run for ever are below this. What is read is refused above it, so
// that no counter comes to its end.
inline constexpr uint64_t kGreatestCount = uint64_t{1} << 62;

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_WORLD_FILE_H_
