# Ideal stand-ins for mathematics, of the simulation's protocol level (docs/simulation.md). The linker puts them in the place
# of these functions (--wrap); what calls them is the same object. Fuzz targets whose logic is not that mathematics take
# them too: it has targets of its own.

set(ideal_functions shake256_init shake256_update shake256_update_field shake256_final drbg_init drbg_generate ed25519_sign tmldsa_pack_batch_len tmldsa_respond_max tmldsa_batch_seed tmldsa_commit tmldsa_commit_check
  tmldsa_respond tmldsa_response_parse tmldsa_combine tmldsa_blame tmldsa_blame_is_odd mldsa_verify_mu)
set(ideal_channel_functions p384_sign p384_verify p384_key_generate p384_check_public ecdh_p384_agree mlkem_keygen mlkem_encaps_key_parse
  mlkem_encaps mlkem_decaps hkdf_hmac hkdf_extract hkdf_expand hash_init hash_update hash_update_field hash_final hash_once)
set(ideal_key_functions mldsa_verify mldsa_public_key_parse tmldsa_public_key_parse tmldsa_keygen_hash tmldsa_keygen_commit_rho
  tmldsa_keygen_check_rho tmldsa_keygen_commit_seed tmldsa_keygen_check_seed tmldsa_keygen_rho tmldsa_matrix_make
  tmldsa_keygen_t tmldsa_keygen_commit_t tmldsa_keygen_check_t tmldsa_keygen_public tmldsa_keygen_judge)
set(ideal_classic_functions tecdsa_keygen_deal tecdsa_opening_decode tecdsa_keygen_commit tecdsa_keygen_check_opening
  tecdsa_keygen_finish tecdsa_keygen_public tecdsa_point_encode tecdsa_point_long_encode tecdsa_proof_make tecdsa_proof_verify)

set(ideal_presign_functions drbg_reseed tecdsa_point_decode tecdsa_point_long_decode tecdsa_point_encode tecdsa_point_long_encode tecdsa_point_add
  tecdsa_point_neg tecdsa_point_sub tecdsa_point_infinite tecdsa_point_equal tecdsa_point_mul_g tecdsa_point_mul tecdsa_point_mul_g_encode
  tecdsa_point_check tecdsa_point_times tecdsa_point_x tecdsa_point_x_all tecdsa_ote_extend tecdsa_ote_check tecdsa_rvole_send
  tecdsa_rvole_receive pq1_lane_init pq1_lane_seal pq1_lane_open
  sponge_init sponge_absorb sponge_squeeze tecdsa_lagrange tecdsa_rvole_factor)
function(quorate_wrap target)
  foreach(symbol IN LISTS ARGN)
    target_link_options(${target} PRIVATE -Wl,--wrap=${symbol})
  endforeach()
endfunction()

function(quorate_ideal_fuzz target)
  set(sim ${CMAKE_SOURCE_DIR}/tests/sim)
  target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/ideal_verify.c ${sim}/world/level_ideal.c
    ${sim}/world/level_ideal_rounds.c ${sim}/dkg/level_ideal_channel.c)
  target_include_directories(${target} PRIVATE ${sim}/world ${sim}/dkg)
  quorate_wrap(${target} ed25519_verify ${ideal_functions} ${ideal_channel_functions})
endfunction()
