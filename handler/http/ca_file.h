/* The file of trusted certificate authorities. */
#ifndef HTTP_CA_FILE_H
#define HTTP_CA_FILE_H

/* The file given, or where "" is given the first of the usual places, that holds a certificate in
 * PEM; NULL when there is none.  Points to given, or to a constant. */
const char *ca_file_find(const char *given);

#endif
