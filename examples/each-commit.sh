#!/bin/sh
# Reviews the commits of a range one by one, the oldest first: ./each-commit.sh main..topic
# Findings and parts that nobody could review are told at the end; a wrong option or a missing key ends it at once.
set -u
found=0 missing=0
commits=$(git rev-list --reverse --no-merges "${1:?a range of commits, such as main..topic}") || exit 2
for commit in $commits; do
  git log -1 --format='== %h %s' "$commit"
  reviewbot review "$commit" --fail-on warning
  case $? in
    0) ;;
    1) found=$((found + 1)) ;;
    3) missing=$((missing + 1)) ;;
    *) exit 2 ;;
  esac
done
echo "$found with findings, $missing not reviewed in full"
[ "$found" -eq 0 ] && [ "$missing" -eq 0 ]
