# Man pages and bash completion, from what the command says of itself. A build with sanitizers is for
# tests and has none.
if(LERAY_SANITIZE OR LERAY_FUZZ OR NOT TARGET leray_command)
  return()
endif()
set(LERAY_MANUAL ${PROJECT_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${LERAY_MANUAL}/completion/leray
  COMMAND ${PROJECT_SOURCE_DIR}/tools/manual.sh $<TARGET_FILE:leray_command> ${PROJECT_VERSION}
    ${LERAY_MANUAL}
  DEPENDS leray_command leray tools/manual.sh tools/completion.bash VERBATIM)
add_custom_target(leray_manual ALL DEPENDS ${LERAY_MANUAL}/completion/leray)
install(DIRECTORY ${LERAY_MANUAL}/man1 ${LERAY_MANUAL}/man5 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${LERAY_MANUAL}/completion/leray
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
