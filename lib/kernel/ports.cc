#include "skybox/ports.h"

#include "fmt/format.h"

namespace skybox {

namespace {
absl::Status Nobody(std::string_view what) {
  return absl::UnimplementedError(fmt::format("{}: this Cloud has nobody who answers", what));
}
}  // namespace

absl::StatusOr<Text> Vault::Encrypt(const Session&, std::string_view key, const Text&) {
  return Nobody(fmt::format("encryption under the key '{}'", key));
}

absl::StatusOr<Text> Vault::Decrypt(const Session&, const Text&) { return Nobody("decryption"); }

absl::StatusOr<Vault::DataKey> Vault::GenerateDataKey(const Session&, std::string_view key) {
  return Nobody(fmt::format("a data key of the key '{}'", key));
}

absl::Status ObjectStore::Put(const Session&, std::string_view bucket, std::string_view,
                              const Text&) {
  return Nobody(fmt::format("the bucket '{}'", bucket));
}

absl::StatusOr<Text> ObjectStore::Get(const Session&, std::string_view bucket, std::string_view) {
  return Nobody(fmt::format("the bucket '{}'", bucket));
}

absl::Status Delivery::Deliver(const Parcel& parcel) {
  return absl::NotFoundError(fmt::format("nothing can be delivered to '{}'", parcel.target_arn));
}

}  // namespace skybox
