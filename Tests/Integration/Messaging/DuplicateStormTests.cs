using System.Net;
using System.Text.Json;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Tests.Shared;
using RabbitMQ.Client;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>Every event comes five times and in any order: what is there in the end is what is there when each comes once.</summary>
public class DuplicateStormTests
{
    private const int Copies = 5;
    private const string Kept = "storm";

    private static readonly Type[] Types = [typeof(MessageStored), typeof(MessageUpdated), typeof(MessageDeleted), typeof(ConversationDeleted), typeof(MemoryChanged), typeof(MemoryIndexed)];

    [Test]
    public async Task Events_that_come_five_times_in_any_order_leave_the_same_state()
    {
        var fleet = await ServiceFleet.SharedAsync();
        using var stormy = await fleet.RegisterAsync();
        using var calm = await fleet.RegisterAsync();
        await using var connection = await new ConnectionFactory { Uri = new Uri(fleet.Broker.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

        // While nobody consumes, the events of both are kept; then those of one go out five times, those of the other once, all in one heap.
        await fleet.StopAsync("search");
        await fleet.StopAsync("memory");
        await KeepAsync(channel);
        var events = await LiveAsync(stormy) + await LiveAsync(calm);
        var heap = await TakeKeptAsync(channel, events);
        foreach (var queue in new[] { Subscriptions.SearchIndex.Name, Subscriptions.MemoryExtraction.Name })
        {
            Assert.That(await channel.QueuePurgeAsync(queue), Is.EqualTo(events), queue);
        }

        var tenant = await TenantAsync(stormy);
        var storm = heap.SelectMany(item => Enumerable.Repeat(item, item.Tenant == tenant ? Copies : 1)).ToArray();
        await KeepAsync(channel);
        await PublishAsync(channel, storm, new Random(1));
        await fleet.StartAgainAsync("search");
        await fleet.StartAgainAsync("memory");
        await fleet.ReadyAsync();
        await SettledAsync(fleet, stormy);
        await SettledAsync(fleet, calm);
        var expected = await StateAsync(calm, withIds: false);
        Assert.That(expected, Does.Contain("User lives in Berlin.").And.Not.Contain("in Oslo"), "The script has its effects.");
        Assert.That(await StateAsync(stormy, withIds: false), Is.EqualTo(expected));

        // Everything once more, what followed from it too, when all of it is long done: nothing changes, no version and no time either.
        var before = await StateAsync(stormy, withIds: true);
        var again = (await TakeAllKeptAsync(channel)).Where(item => item.Tenant == tenant).DistinctBy(item => item.Id).ToList();
        Assert.That(again.Select(item => item.Exchange).Distinct().Count(), Is.EqualTo(Types.Length), "Events of every type are in the storm.");
        await PublishAsync(channel, [.. again.SelectMany(item => Enumerable.Repeat(item, Copies))], new Random(2));
        await SettledAsync(fleet, stormy);
        Assert.That(await StateAsync(stormy, withIds: true), Is.EqualTo(before));
        Assert.That(await StateAsync(calm, withIds: false), Is.EqualTo(expected));
    }

    private static string ExchangeOf(Type type) => $"{type.Namespace}:{type.Name}";

    /// <summary>Has the broker keep a copy of every event from now on.</summary>
    private static async Task KeepAsync(IChannel channel)
    {
        await channel.QueueDeclareAsync(Kept, durable: false, exclusive: true, autoDelete: false);
        foreach (var type in Types)
        {
            await channel.QueueBindAsync(Kept, ExchangeOf(type), "");
        }
    }

    /// <summary>A life in two conversations: facts, changed ones too, messages that are changed and deleted, and a conversation that is.</summary>
    /// <returns>How many events it makes in Chat.</returns>
    private static async Task<uint> LiveAsync(HttpClient client)
    {
        string[] said =
        [
            "My name is Ada.", "I live in Munich.", "I love archery.", "What is the weather like?", "I work as an engineer.", "I live in Berlin.", "I love Python.",
            "I have a dog named Rex.", "I live in Oslo.", "I love chess.", "I am allergic to peanuts.", "Please remember this is only small talk.",
        ];
        var ids = new List<string>();
        foreach (var (at, text) in said.Index())
        {
            ids.Add(await SayAsync(client, at % 3 == 2 ? "hobbies" : "life", text));
        }

        await SayAsync(client, "gone", "I love sailing.");
        await client.SendJsonAsync(HttpMethod.Put, $"/v1/messages/{ids[6]}", new { content = "I love Haskell." }, HttpStatusCode.OK);
        await client.SendJsonAsync(HttpMethod.Put, $"/v1/messages/{ids[6]}", new { content = "I love Rust." }, HttpStatusCode.OK);
        await client.SendJsonAsync(HttpMethod.Delete, $"/v1/messages/{ids[8]}", null, HttpStatusCode.NoContent);
        await client.SendJsonAsync(HttpMethod.Delete, "/v1/conversations/gone", null, HttpStatusCode.NoContent);
        return (uint)said.Length + 1 + 2 + 1 + 1;
    }

    private static async Task<string> SayAsync(HttpClient client, string conversation, string content)
        => (await client.SendJsonAsync(HttpMethod.Post, "/v1/messages", new { conversation_id = conversation, role = "user", content }, HttpStatusCode.Created)).GetProperty("id").GetString()!;

    private static async Task<Guid> TenantAsync(HttpClient client)
        => (await client.SendJsonAsync(HttpMethod.Get, "/v1/auth/me", null, HttpStatusCode.OK)).GetProperty("tenant_id").GetGuid();

    /// <summary>The kept copies, as soon as there are so many.</summary>
    private static async Task<List<KeptEvent>> TakeKeptAsync(IChannel channel, uint count)
    {
        var there = 0u;
        await Eventually.TrueAsync(
            async () => (there = await channel.MessageCountAsync(Kept)) == count, Eventually.Patience, () => $"{there} of {count} events were published.");
        return await TakeAllKeptAsync(channel);
    }

    private static async Task<List<KeptEvent>> TakeAllKeptAsync(IChannel channel)
    {
        var taken = new List<KeptEvent>();
        while (await channel.BasicGetAsync(Kept, autoAck: true) is { } message)
        {
            var body = message.Body.ToArray();
            var tenant = JsonDocument.Parse(body).RootElement.GetProperty("message").GetProperty("tenantId").GetGuid();
            taken.Add(new KeptEvent(message.Exchange, tenant, message.BasicProperties.MessageId!, new BasicProperties(message.BasicProperties), body));
        }

        await channel.QueueDeleteAsync(Kept);
        return taken;
    }

    private static async Task PublishAsync(IChannel channel, KeptEvent[] events, Random random)
    {
        random.Shuffle(events);
        foreach (var item in events)
        {
            await channel.BasicPublishAsync(item.Exchange, "", mandatory: true, item.Properties, item.Body);
        }
    }

    /// <summary>Waits until no event waits and what was said last is learned from and found.</summary>
    private static async Task SettledAsync(ServiceFleet fleet, HttpClient client)
    {
        var last = await SayAsync(client, "mark", $"Please look at zq{Guid.NewGuid():N}k");
        using var answer = await client.PostAsync(new Uri("/v1/messages?wait=indexed,memories", UriKind.Relative), new StringContent(
            JsonSerializer.Serialize(new { conversation_id = "mark", role = "user", content = "And that was the last one, thank you" }), System.Text.Encoding.UTF8, "application/json"));
        Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(
            async () => await fleet.CountQueuedAsync() == 0 && await AreDoneAsync(client), Eventually.Patience, () => "Events wait, or memories are not done.");
        foreach (var id in new[] { last, (await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync())).RootElement.GetProperty("id").GetString()! })
        {
            await client.SendJsonAsync(HttpMethod.Delete, $"/v1/messages/{id}", null, HttpStatusCode.NoContent);
        }

        await Eventually.TrueAsync(async () => await fleet.CountQueuedAsync() == 0, Eventually.Patience, () => "Events wait.");
    }

    private static async Task<bool> AreDoneAsync(HttpClient client)
        => (await client.SendJsonAsync(HttpMethod.Get, "/v1/memories?page_size=200", null, HttpStatusCode.OK)).GetProperty("memories").EnumerateArray()
            .All(memory => memory.GetProperty("status").GetString() == "completed");

    /// <summary>What a person sees of everything that follows from events.</summary>
    /// <param name="client">Who looks.</param>
    /// <param name="withIds">Whether ids, versions and times count, which are others for another person.</param>
    private static async Task<string> StateAsync(HttpClient client, bool withIds)
    {
        var memories = (await client.SendJsonAsync(HttpMethod.Get, "/v1/memories?page_size=200", null, HttpStatusCode.OK)).GetProperty("memories").EnumerateArray().ToArray();
        var lines = new List<string>();
        foreach (var memory in memories)
        {
            var history = await client.SendJsonAsync(HttpMethod.Get, $"/v1/memories/{memory.GetProperty("id").GetString()}/history", null, HttpStatusCode.OK);
            lines.Add(withIds ? $"{memory} {history}" : $"{memory.GetProperty("text")}, {memory.GetProperty("category")}, history {history.GetProperty("history").GetArrayLength()}");
        }

        foreach (var query in new[] { "love", "live", "Rust Haskell Python", "Oslo", "sailing", "engineer dog peanuts weather name chess" })
        {
            var found = (await client.SendJsonAsync(HttpMethod.Get, $"/v1/memory/search?query={Uri.EscapeDataString(query)}&top_k=50", null, HttpStatusCode.OK)).GetProperty("results");
            lines.Add($"{query}: {string.Join(" | ", found.EnumerateArray().Select(result => result.GetProperty("message").GetProperty("content").GetString()).Order(StringComparer.Ordinal))}");
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private sealed record KeptEvent(string Exchange, Guid Tenant, string Id, BasicProperties Properties, byte[] Body);
}
