package app.http;

public record Response(int status, String body) {

    public static Response ok(String body) {
        return new Response(200, body);
    }

    public static Response badRequest(String why) {
        return new Response(400, why);
    }
}
