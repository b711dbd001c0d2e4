# What the library is made of. A user's own code needs Abseil only (the public headers); the rest is
# needed by a static library's linker.

find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Protobuf REQUIRED)
find_package(nlohmann_json REQUIRED)  # headers only

set(SKYBOX_PUBLIC_LIBRARIES absl::status absl::statusor absl::time absl::int128)
set(SKYBOX_PRIVATE_LIBRARIES absl::btree absl::cord absl::flat_hash_map absl::flat_hash_set absl::hash
                             absl::inlined_vector absl::strings fmt::fmt OpenSSL::Crypto
                             protobuf::libprotobuf)
