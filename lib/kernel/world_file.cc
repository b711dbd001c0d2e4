#include "kernel/world_file.h"

#include <climits>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/digest.h"
#include "fmt/format.h"
#include "google/protobuf/message.h"
#include "proto/snapshot.pb.h"

namespace skybox::kernel {
namespace {

constexpr uint32_t kMagic = 0x42594B53;  // "SKYB" as little-endian bytes

absl::Status TooLarge(std::string_view what) {
  return absl::ResourceExhaustedError(
      fmt::format("{} has 2 GiB or more, which cannot be saved", what));
}

}  // namespace

std::string Serialize(const google::protobuf::Message& message) {
  std::string bytes;
  if (message.ByteSizeLong() > INT_MAX || !message.SerializeToString(&bytes)) return {};
  return bytes;
}

bool Parse(std::string_view bytes, google::protobuf::Message& message) {
  if (bytes.size() > INT_MAX) return false;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  // Unknown fields, fields that come twice and numbers that are longer than they have to be make
  // the bytes longer than what they say.
  message.DiscardUnknownFields();
  return message.ByteSizeLong() == bytes.size();
}

absl::StatusOr<std::string> WriteWorld(const Kernel& kernel) {
  if (absl::Status status = kernel.CanFork(); !status.ok()) return status;
  proto::World world;
  {
    proto::Payload payload;
    kernel.Save(*payload.mutable_kernel());
    for (uint32_t i = kFirstService; i < kernel.component_count(); ++i) {
      const Component& component = kernel.component(i);
      proto::Component& out = *payload.add_components();
      out.set_name(std::string(component.name()));
      *out.mutable_state() = component.Save();
      if (out.state().empty()) {
        return TooLarge(fmt::format("the state of '{}'", component.name()));
      }
    }
    *world.mutable_payload() = Serialize(payload);
  }
  if (world.payload().empty()) return TooLarge("the world");
  world.set_magic(kMagic);
  world.set_format_version(kWorldFormatVersion);
  world.set_checksum(HashBytes(world.payload()));
  std::string bytes = Serialize(world);
  if (bytes.empty()) return TooLarge("the world");
  return bytes;
}

absl::Status ReadWorld(std::string_view bytes, proto::Payload& payload) {
  proto::World world;
  if (!Parse(bytes, world) || world.magic() != kMagic || world.format_version() == 0) {
    return absl::DataLossError("these bytes are no saved world, or not all of it");
  }
  if (world.format_version() != kWorldFormatVersion) {
    return absl::UnimplementedError(
        fmt::format("the world was saved in format version {}; this library reads version {}",
                    world.format_version(), kWorldFormatVersion));
  }
  if (world.checksum() != HashBytes(world.payload())) {
    return absl::DataLossError("the saved world is corrupted: its checksum is wrong");
  }
  if (!Parse(world.payload(), payload)) {
    return absl::DataLossError("the saved world is malformed");
  }
  return absl::OkStatus();
}

absl::Status RestoreWorld(const proto::Payload& payload, Kernel& kernel) {
  const size_t saved = static_cast<size_t>(payload.components_size());
  if (kFirstService + saved != kernel.component_count()) {
    return absl::DataLossError(fmt::format("the saved world has {} components instead of {}", saved,
                                           kernel.component_count() - kFirstService));
  }
  // The kernel first: components look at its time and its timers.
  if (absl::Status status = kernel.Restore(payload.kernel()); !status.ok()) return status;
  for (uint32_t i = kFirstService; i < kernel.component_count(); ++i) {
    Component& component = kernel.component(i);
    const proto::Component& in = payload.components(static_cast<int>(i - kFirstService));
    if (in.name() != component.name()) {
      return absl::DataLossError(fmt::format(
          "the saved world has the component '{}' instead of '{}'", in.name(), component.name()));
    }
    if (absl::Status status = component.Restore(in.state()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace skybox::kernel
