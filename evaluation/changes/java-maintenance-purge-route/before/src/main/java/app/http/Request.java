package app.http;

import java.util.Map;
import java.util.Optional;

/** The part of an HTTP request that handlers see. Header names are in lower case. */
public record Request(String method, String path, Map<String, String> headers, Map<String, String> query) {

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    public Optional<String> param(String name) {
        return Optional.ofNullable(query.get(name));
    }
}
