#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../src/message.h"

static void test_decode(void)
{
	static const uint8_t data[] = { 1, 3, 'l', 'o', 'g', 0, 2, 'h', 'i' };
	struct message msg;

	assert(message_decode(&msg, data, sizeof data) == 0);
	assert(strcmp(msg.topic, "log") == 0);
	assert(msg.body_len == 2 && memcmp(msg.body, "hi", 2) == 0);
}

static void test_truncated(void)
{
	static const uint8_t data[] = { 1, 3, 'l', 'o', 'g', 0, 2, 'h' };
	struct message msg;

	for (size_t len = 0; len <= sizeof data; len++)
		assert(message_decode(&msg, data, len) == -1);
}

static void test_attachments(void)
{
	static const uint8_t data[] = {
		2, 1, 't', 0, 0,
		2,
		1, 'a', 0, 3, 'o', 'n', 'e',
		1, 'b', 0, 0,
	};
	struct message msg;

	assert(message_decode(&msg, data, sizeof data) == 0);
	assert(msg.attachment_count == 2);
	assert(message_find(&msg, "a")->len == 3);
	assert(message_find(&msg, "b")->len == 0);
	assert(message_find(&msg, "c") == NULL);
	for (size_t len = 0; len < sizeof data; len++)
		assert(message_decode(&msg, data, len) == -1);
}

static void test_attachment_names_are_unique(void)
{
	static const uint8_t data[] = {
		2, 1, 't', 0, 0, 2, 1, 'a', 0, 0, 1, 'a', 0, 0,
	};
	struct message msg;

	assert(message_decode(&msg, data, sizeof data) == -1);
}

int main(void)
{
	test_decode();
	test_truncated();
	test_attachments();
	test_attachment_names_are_unique();
	puts("ok");
	return 0;
}
