#include "base/md5.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace skybox::kernel {
namespace {

// "-fips": also where the machine's configuration asks for approved algorithms only.
constexpr char kProperties[] = "-fips";

bool DigestWith(OSSL_LIB_CTX* library, std::string_view bytes, std::array<uint8_t, 16>& digest) {
  // Fetched for each digest: a fetched algorithm that outlives the call would be state of the
  // process.
  EVP_MD* md5 = EVP_MD_fetch(library, "MD5", kProperties);
  if (md5 == nullptr) return false;
  const bool done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, md5, nullptr) == 1;
  EVP_MD_free(md5);
  return done;
}

// A library context of its own sees no configuration of the machine. Slow, and seldom needed.
bool DigestApart(std::string_view bytes, std::array<uint8_t, 16>& digest) {
  OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
  if (library == nullptr) return false;
  OSSL_PROVIDER* provider = OSSL_PROVIDER_load(library, "default");
  const bool done = provider != nullptr && DigestWith(library, bytes, digest);
  if (provider != nullptr) OSSL_PROVIDER_unload(provider);
  OSSL_LIB_CTX_free(library);
  return done;
}

}  // namespace

std::array<uint8_t, 16> Md5Digest(std::string_view bytes) {
  std::array<uint8_t, 16> digest = {};
  if (!DigestWith(nullptr, bytes, digest) && !DigestApart(bytes, digest)) {
    std::fputs("skybox: OpenSSL has no MD5\n", stderr);
    std::abort();
  }
  return digest;
}

std::string Md5Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(32);
  for (const uint8_t byte : Md5Digest(bytes)) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace skybox::kernel
