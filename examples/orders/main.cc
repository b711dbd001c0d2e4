#include <string>
#include <vector>

#include "orders/program.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return orders::RunProgram(arguments, stdout, stderr);
}
