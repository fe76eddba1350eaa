using System.Net.WebSockets;
using System.Text;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

/// <summary>What clients send that they should not.</summary>
public class LiveFrameTests(HostKind kind) : FunctionalTests(kind)
{
    [Test]
    public async Task A_frame_that_means_nothing_is_answered_with_an_error_and_the_connection_goes_on()
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.OpenAsync(Host, person, "?types=message.stored");
        foreach (var (frame, code) in ((string, string)[])
        [
            ("no json", "malformed"), ("[]", "malformed"), ("{}", "malformed"), ("{\"type\":7}", "malformed"), ("{\"type\":\"\\ud800\"}", "malformed"),
            ("{\"type\":\"filter\",\"type\":\"ping\"}", "malformed"), (new string('[', 1000), "malformed"), ("{\"type\":\"drop\"}", "unknown-type"),
            ("{\"type\":\"filter\",\"types\":[\"x\"]}", "invalid"), ("{\"type\":\"filter\",\"types\":\"message.stored\"}", "invalid"),
            ("{\"type\":\"filter\",\"conversation_ids\":[\"\\u0000\"]}", "invalid"), ("{\"type\":\"filter\",\"conversation_ids\":[\"\\ud800\"]}", "invalid"),
            ("{\"type\":\"filter\",\"user_id\":{}}", "invalid"), ("{\"type\":\"filter\",\"tenant_id\":\"x\"}", "invalid"),
        ])
        {
            await socket.SendAsync(frame);
            Assert.That((await socket.ReadAsync()).Text("code"), Is.EqualTo(code), frame);
        }

        await socket.SendAsync(new { type = "ping" });
        Assert.That((await socket.ReadAsync()).Text("type"), Is.EqualTo("pong"));
        await person.SayAsync("chat", "still here");
        Assert.That((await socket.ReadAsync()).Text("type"), Is.EqualTo("message.stored"));
    }

    [Test]
    public async Task A_frame_that_is_too_big_or_no_text_closes_the_connection()
    {
        using var person = await Person.RegisterAsync(Host);
        using (var socket = await LiveSocket.OpenAsync(Host, person))
        {
            await socket.SendAsync("{\"type\":\"ping\",\"x\":\"" + new string('x', 20_000) + "\"}");
            Assert.That((await socket.ReadToCloseAsync()).Code, Is.EqualTo(1009));
        }

        using (var socket = await LiveSocket.OpenAsync(Host, person))
        {
            await socket.Socket.SendAsync(new byte[10], WebSocketMessageType.Binary, endOfMessage: true, default);
            Assert.That((await socket.ReadToCloseAsync()).Code, Is.EqualTo(1003));
        }

        // Half a character: the protocol itself refuses it.
        using (var socket = await LiveSocket.OpenAsync(Host, person))
        {
            await socket.Socket.SendAsync(new byte[] { 0x7B, 0xFF, 0xFE }, WebSocketMessageType.Text, endOfMessage: true, default);
            Assert.That(async () => await socket.ReadAsync(), Throws.InstanceOf<ClosedException>().Or.InstanceOf<WebSocketException>());
        }

        // A frame of many parts counts as one.
        using (var socket = await LiveSocket.OpenAsync(Host, person))
        {
            try
            {
                for (var i = 0; i < 1_000; i++)
                {
                    await socket.Socket.SendAsync(Encoding.UTF8.GetBytes(new string(' ', 100)), WebSocketMessageType.Text, endOfMessage: false, default);
                }
            }
            catch (WebSocketException)
            {
                // The server closed while parts were on their way.
            }

            Assert.That((await socket.ReadToCloseAsync()).Code, Is.EqualTo(1009));
        }
    }

    [Test]
    public async Task Too_many_frames_close_the_connection()
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.OpenAsync(Host, person);
        for (var i = 0; i < 40; i++)
        {
            await socket.SendAsync(new { type = "ping" });
        }

        Assert.That((await socket.ReadToCloseAsync()).Code, Is.EqualTo(1008));
    }

    [Test]
    public async Task A_client_that_closes_gets_its_close_back()
    {
        using var person = await Person.RegisterAsync(Host);
        using var socket = await LiveSocket.OpenAsync(Host, person);
        using var limit = new CancellationTokenSource(Eventually.Patience);
        await socket.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", limit.Token);
        Assert.That(socket.Socket.State, Is.EqualTo(WebSocketState.Closed));
    }
}
