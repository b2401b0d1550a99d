package app.pay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryingGatewayTest {

    /** Answers lookups from a script; null is a timeout. */
    private static final class ScriptedGateway implements PaymentGateway {

        private final Deque<Optional<String>> script = new ArrayDeque<>();
        private int timeouts;
        private int calls;

        @Override
        public String charge(ChargeRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> find(String reference) throws GatewayException {
            calls++;
            if (timeouts-- > 0) {
                throw new GatewayTimeoutException("no answer");
            }
            if (script.isEmpty()) {
                throw new GatewayException("refused");
            }
            return script.pop();
        }
    }

    private final ScriptedGateway gateway = new ScriptedGateway();
    private final RetryingGateway retrying = new RetryingGateway(gateway, 3);

    @Test
    void triesAgainAfterTimeouts() throws GatewayException {
        gateway.timeouts = 2;
        gateway.script.push(Optional.of("p-17"));

        assertEquals(Optional.of("p-17"), retrying.find("order-1"));
        assertEquals(3, gateway.calls);
    }

    @Test
    void givesUpAfterTheLastAttempt() {
        gateway.timeouts = 5;

        assertThrows(GatewayTimeoutException.class, () -> retrying.find("order-1"));
        assertEquals(3, gateway.calls);
    }

    @Test
    void doesNotRepeatRefusedCalls() {
        assertThrows(GatewayException.class, () -> retrying.find("order-1"));
        assertEquals(1, gateway.calls);
    }
}
