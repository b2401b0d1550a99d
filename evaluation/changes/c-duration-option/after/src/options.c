#include "options.h"

#include <stdio.h>
#include <string.h>

#include "duration.h"

int options_parse(struct options *opts, int argc, char **argv)
{
	memset(opts, 0, sizeof *opts);
	opts->interval = 60;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--interval=", 11) == 0) {
			if (duration_parse(argv[i] + 11, &opts->interval) < 0 ||
			    opts->interval == 0) {
				fprintf(stderr, "bad interval: %s\n", argv[i] + 11);
				return -1;
			}
		} else if (argv[i][0] == '-' || opts->target) {
			fprintf(stderr, "usage: poll [--interval=DURATION] TARGET\n");
			return -1;
		} else {
			opts->target = argv[i];
		}
	}
	if (!opts->target) {
		fprintf(stderr, "no target\n");
		return -1;
	}
	return 0;
}
