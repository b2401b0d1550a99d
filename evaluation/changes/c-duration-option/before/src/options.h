#ifndef OPTIONS_H
#define OPTIONS_H

struct options {
	unsigned long interval;	/* seconds between two polls */
	const char *target;
};

/* Returns 0, or -1 with a message on stderr. */
int options_parse(struct options *opts, int argc, char **argv);

#endif
