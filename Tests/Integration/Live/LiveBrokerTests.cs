using System.Diagnostics;
using MemoryMesh.AppHost;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Live;

/// <summary>What becomes of live connections when the broker between the services goes away.</summary>
public class LiveBrokerTests
{
    [Test]
    public async Task After_the_broker_was_away_nothing_is_missing_without_a_reset()
    {
        Servers.Require("rabbitmq-server", RabbitMqServer.FindScript() is not null);
        var folder = Directory.CreateTempSubdirectory("memorymesh-broker-").FullName;
        var broker = RabbitMqServer.Create(folder);
        try
        {
            await broker.StartAsync(default);
            await using var host = await TestHost.StartAsync(
                HostKind.Processes, environment: new Dictionary<string, string> { ["ConnectionStrings__rabbitmq"] = broker.ConnectionString });
            using var person = await Person.RegisterAsync(host);
            using var socket = await LiveSocket.OpenAsync(host, person, "?types=message.stored");
            var before = await person.SayAsync("chat", "before");
            Assert.That((await socket.ReadAsync()).Text("message_id"), Is.EqualTo(before));
            for (var round = 0; round < 2; round++)
            {
                await (round == 0 ? broker.KillAsync() : broker.StopAsync());
                var away = await person.SayAsync("chat", "away");
                await broker.StartAsync(default);
                var started = Stopwatch.GetTimestamp();
                var last = await person.SayAsync("chat", "last");
                var seen = new List<string>();
                do
                {
                    var frame = await socket.ReadAsync(TimeSpan.FromSeconds(60));
                    seen.Add(frame.Text("type") == "reset" ? "reset" : frame.Text("message_id"));
                    if (seen[^1] == "reset")
                    {
                        // What went by unseen may be both messages.
                        last = await person.SayAsync("chat", "after the reset");
                    }
                }
                while (seen[^1] != last);

                await TestContext.Out.WriteLineAsync($"{(seen.Contains("reset") ? "reset" : "complete")} after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
                Assert.That(seen.Contains(away) || seen.Contains("reset"), string.Join(", ", seen));
            }
        }
        finally
        {
            await broker.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
