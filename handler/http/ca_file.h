/* The file of trusted certificate authorities. */
#ifndef HTTP_CA_FILE_H
#define HTTP_CA_FILE_H

/* The file given, or where "" is given the first of the usual places; NULL when there is none or it
 * holds no certificate in PEM.  Points to given, or to a constant. */
const char *ca_file_find(const char *given);

#endif
