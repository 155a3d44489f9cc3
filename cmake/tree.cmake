# The tree is the architecture: a folder is a library, a file in tests/unit/<library>/ is a test of it,
# a file in fuzz/ is a fuzz target. Nothing has to be listed by hand.

set(QUORATE_LIBRARIES "" CACHE INTERNAL "")

function(quorate_library name)
  cmake_parse_arguments(L "" "" "DIR;LINK" ${ARGN})
  list(TRANSFORM L_DIR REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/src/\\1/*.c")
  file(GLOB sources CONFIGURE_DEPENDS ${L_DIR})
  list(FILTER sources EXCLUDE REGEX "_main\\.c$")
  # *_avx2.c and *_aesni.c run only where base/cpu.h says so; every other file is plain x86-64.
  set(avx2_sources ${sources})
  list(FILTER avx2_sources INCLUDE REGEX "_avx2\\.c$")
  set(aesni_sources ${sources})
  list(FILTER aesni_sources INCLUDE REGEX "_aesni\\.c$")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    set_source_files_properties(${avx2_sources} PROPERTIES COMPILE_OPTIONS "-mavx2;-mbmi;-mbmi2")
    set_source_files_properties(${aesni_sources} PROPERTIES COMPILE_OPTIONS "-maes")
  elseif(avx2_sources OR aesni_sources)
    list(REMOVE_ITEM sources ${avx2_sources} ${aesni_sources})
  endif()
  if(sources)
    add_library(${name} STATIC ${sources})
    set(kind PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(${name} ${kind} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} ${kind} flags ${L_LINK})
  if(CT_CHECK)
    target_compile_definitions(${name} ${kind} CT_CHECK=1)
  endif()
  set(QUORATE_LIBRARIES ${QUORATE_LIBRARIES} ${name} CACHE INTERNAL "")
endfunction()

function(quorate_program name library main)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${main})
    add_executable(${name} ${CMAKE_SOURCE_DIR}/${main})
    target_link_libraries(${name} PRIVATE ${library})
  endif()
endfunction()

# One program, one ctest entry label/name.
function(quorate_test label library source)
  get_filename_component(file ${source} NAME_WE)
  string(REGEX REPLACE "^test_" "" short ${file})
  set(target ${label}_${library}_${short})
  get_filename_component(folder ${source} DIRECTORY)
  file(GLOB helpers CONFIGURE_DEPENDS ${folder}/*.c) # beside the tests, and part of each
  list(FILTER helpers EXCLUDE REGEX "/test_[^/]*$")
  add_executable(${target} ${source} ${helpers})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE QUORATE_VECTORS="${QUORATE_VECTORS}"
    QUORATE_SOURCE="${CMAKE_SOURCE_DIR}" QUORATE_BIN="${CMAKE_BINARY_DIR}/bin")
  # jansson reads vectors, OpenSSL is the other opinion.
  target_link_libraries(${target} PRIVATE ${library} cmocka PkgConfig::JANSSON PkgConfig::CRYPTO m)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${label}/${library}/${short} COMMAND ${target})
  set_tests_properties(${label}/${library}/${short} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77)
endfunction()

# tests/<label>/<library>/test_*.c
function(quorate_tests label)
  foreach(library IN LISTS QUORATE_LIBRARIES)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${label}/${library}/test_*.c)
    foreach(source IN LISTS sources)
      quorate_test(${label} ${library} ${source})
    endforeach()
  endforeach()
endfunction()

# tests/<label>/*.sh, run with the folder of the programs and of the vectors in the environment.
function(quorate_scripts label)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${label}/*.sh)
  foreach(script IN LISTS scripts)
    get_filename_component(short ${script} NAME_WE)
    add_test(NAME ${label}/${short} COMMAND ${script})
    set_tests_properties(${label}/${short} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77
      ENVIRONMENT "QUORATE_BIN=${CMAKE_BINARY_DIR}/bin;QUORATE_VECTORS=${QUORATE_VECTORS};QUORATE_BUILD=${CMAKE_BINARY_DIR}")
  endforeach()
endfunction()

set(FUZZ_RUNS 100000 CACHE STRING "runs of each fuzz target under ctest")
function(quorate_fuzz_targets)
  # The slowest target does some 1,000 runs/s alone on a machine of two busy cores: 4 hours for 10^7.
  math(EXPR seconds "1200 + ${FUZZ_RUNS} / 750")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/fuzz_*.c)
  foreach(source IN LISTS sources)
    get_filename_component(target ${source} NAME_WE)
    string(REGEX REPLACE "^fuzz_" "" short ${target})
    add_executable(${target} ${source})
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz)
    target_link_libraries(${target} PRIVATE ${QUORATE_LIBRARIES})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    if(short MATCHES "^(core_step|core_quorum|core_ceremony|mesh)$")
      quorate_ideal_fuzz(${target})
    endif()
    if(short STREQUAL "roughtime") # it says which signatures are good
      quorate_wrap(${target} ed25519_verify)
    endif()
    # The corpus in the tree is only read; what the run finds goes to the build folder.
    set(found ${CMAKE_BINARY_DIR}/corpus/${short})
    file(MAKE_DIRECTORY ${found})
    set(seeds ${CMAKE_SOURCE_DIR}/fuzz/corpus/${short})
    if(NOT EXISTS ${seeds})
      set(seeds "")
    endif()
    set(max_len 4096)
    if(short MATCHES "^(verify|cms_one_signer|er_attach|csr|dev_request)$") # a hybrid token has some 11 kB, a request 5
      set(max_len 16384)
    endif()
    # These go through whole protocols, public-key operations and all, at some 100 to 3,000 runs/s. The decoders that
    # they reach have targets of their own, which get all runs.
    set(runs ${FUZZ_RUNS})
    if(short MATCHES "^(verify|dev_request|core_step|core_quorum|core_ceremony|mesh|coord|coord_cluster|classic_step|core_chains|cluster_chains|tsa_chain|tmldsa|tecdsa_accel|repair|ceremony_step|proof)$")
      math(EXPR runs "${FUZZ_RUNS} / 10")
    elseif(short MATCHES "^(tecdsa_session|presigner)$") # some 150 runs/s
      math(EXPR runs "${FUZZ_RUNS} / 100")
    elseif(short MATCHES "^(mldsa_key|mldsa_sig|mlkem|tecdsa)$" AND FUZZ_RUNS LESS 1000000) # mathematics, 1,500 to 5,000
      math(EXPR runs "${FUZZ_RUNS} / 10")
    endif()
    add_test(NAME fuzz/${short} COMMAND ${target} -runs=${runs} -max_len=${max_len} -timeout=60
      -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 ${found} ${seeds})
    set_tests_properties(fuzz/${short} PROPERTIES LABELS fuzz TIMEOUT ${seconds})
  endforeach()
endfunction()
