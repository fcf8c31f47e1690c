# A Debian package: `make package`. It holds what is installed, built for any machine of this kind
# (preset package); what it needs is found by dpkg-shlibdeps. Who maintains it stands in CITATION.cff.
file(STRINGS CITATION.cff citation_name REGEX "^ *- name: ")
string(REGEX REPLACE "^ *- name: \"(.*)\"$" "\\1" CPACK_PACKAGE_CONTACT "${citation_name}")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME leray)
set(CPACK_PACKAGE_VENDOR ${CPACK_PACKAGE_CONTACT})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "solvers that train neural operators while they run")
set(CPACK_PACKAGE_DESCRIPTION
"Numerical solvers of the Navier-Stokes equations run as ensembles and stream every frame
straight into the training of a neural operator, which is then measured on simulations that
it has not seen. The command leray, its C library with headers, decks and manual.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON) # and the trigger of ldconfig
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, openmpi-bin")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gcc, pkg-config, cmake")
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
endif()
include(CPack)
