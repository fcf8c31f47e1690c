# Writes leray/impl/contracts.h into the build tree: what a plugin was built for. It names the version
# and a checksum of the public headers without their comments and spaces, so that nobody has to count
# up a number when a contract changes.
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/leray/*.h ${PROJECT_SOURCE_DIR}/include/leray/impl/*.h)
list(SORT headers)
set(text "")
foreach(header ${headers})
  file(READ ${header} code)
  string(REGEX REPLACE "/\\*[^*]*\\*+([^/*][^*]*\\*+)*/" "" code "${code}")
  string(REGEX REPLACE "[ \t\n]+" "" code "${code}")
  string(APPEND text "${code}")
endforeach()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
string(SHA256 LERAY_CONTRACTS "${text}")
string(SUBSTRING ${LERAY_CONTRACTS} 0 12 LERAY_CONTRACTS)
configure_file(${PROJECT_SOURCE_DIR}/cmake/contracts.h.in
  ${PROJECT_BINARY_DIR}/generated/public/leray/impl/contracts.h)
