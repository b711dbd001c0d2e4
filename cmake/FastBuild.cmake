# What makes building quick and changes nothing in what is built: ccache and mold, where they are there.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # Build directories share their objects: sources are named by absolute paths anyway.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=true ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM NAMES ld.mold mold)
if(MOLD_PROGRAM)
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=mold SKYBOX_LINKS_WITH_MOLD)
  if(SKYBOX_LINKS_WITH_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()
