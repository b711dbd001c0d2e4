# `cmake --build build/dev --target tidy`: clang-tidy over the library. Not a test: it takes minutes.

find_program(RUN_CLANG_TIDY_PROGRAM NAMES run-clang-tidy-19 run-clang-tidy)
find_program(CLANG_TIDY_PROGRAM NAMES clang-tidy-19 clang-tidy)
if(RUN_CLANG_TIDY_PROGRAM AND CLANG_TIDY_PROGRAM)
  add_custom_target(
    tidy
    COMMAND ${RUN_CLANG_TIDY_PROGRAM} -clang-tidy-binary ${CLANG_TIDY_PROGRAM} -quiet
            -p ${PROJECT_BINARY_DIR} -j 2 "^${PROJECT_SOURCE_DIR}/lib/.*\\.cc$"
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    USES_TERMINAL VERBATIM)
  if(TARGET skybox_proto)
    add_dependencies(tidy skybox_proto)
  endif()
endif()
