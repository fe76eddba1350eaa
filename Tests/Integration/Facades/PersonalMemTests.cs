using System.Net;
using System.Text.Json;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Facades;

/// <summary>PersonalMem's calls, and the three scenarios of its documentation.</summary>
public class PersonalMemTests(HostKind kind) : FunctionalTests(kind)
{
    private const string Heading = "User Personal Information (from previous conversations): ";

    [Test]
    public async Task A_name_is_known_in_a_new_chat()
    {
        using var person = await Person.RegisterAsync(Host);
        var first = await BeginAsync(person, "honda");
        var said = await SayAsync(person, "honda", first, "My name is Honda. I'm a software engineer who loves Python.");
        Assert.That(Texts(said.GetProperty("extracted_memories")), Has.Member("User's name is Honda."));

        var second = await BeginAsync(person, "honda");
        var asked = await SayAsync(person, "honda", second, "What is my name?");
        Assert.Multiple(() =>
        {
            Assert.That(asked.GetProperty("extracted_memories").GetArrayLength(), Is.Zero, "A question says nothing about the user.");
            Assert.That(asked.GetProperty("memory_context").GetString(), Does.StartWith(Heading).And.Contain("Honda"));
        });
        var context = await person.GetAsync($"/users/honda/context/{second}?query=name");
        Assert.That(context.GetProperty("chat_history").EnumerateArray().Select(turn => turn.GetProperty("content").GetString()), Is.EqualTo((string[])["What is my name?"]));
    }

    [Test]
    public async Task Help_with_debugging_is_not_stored_and_a_new_chat_knows_nothing_of_it()
    {
        using var person = await Person.RegisterAsync(Host);
        var first = await BeginAsync(person, "honda");
        var said = await SayAsync(person, "honda", first, "I need help debugging this function: def add(a, b): return a - b");
        Assert.That(said.GetProperty("extracted_memories").GetArrayLength(), Is.Zero);
        Assert.That((await person.GetAsync("/users/honda/memories")).GetProperty("count").GetInt32(), Is.Zero);

        var second = await BeginAsync(person, "honda");
        var context = await person.GetAsync($"/users/honda/context/{second}?query=debugging%20add");
        Assert.Multiple(() =>
        {
            Assert.That(context.GetProperty("chat_history").GetArrayLength(), Is.Zero);
            Assert.That(context.GetProperty("memories").GetArrayLength(), Is.Zero);
            Assert.That(context.GetProperty("memory_context").GetString(), Is.EqualTo(Heading + "None."));
        });
    }

    [Test]
    public async Task A_preference_is_found_when_a_language_for_a_backend_is_asked()
    {
        using var person = await Person.RegisterAsync(Host);
        var first = await BeginAsync(person, "honda");
        await SayAsync(person, "honda", first, "I prefer Python over JavaScript");
        var second = await BeginAsync(person, "honda");
        var asked = await SayAsync(person, "honda", second, "Which language should I use for a new backend?");
        Assert.That(asked.GetProperty("memory_context").GetString(), Does.StartWith(Heading).And.Contain("Python over JavaScript"));
    }

    [Test]
    public async Task Chats_and_their_messages_are_listed_and_deleted_and_memories_stay()
    {
        using var person = await Person.RegisterAsync(Host);
        var chat = await person.PostAsync("/chats", new { user_id = "ada", title = "Introduction" });
        var id = chat.GetProperty("chat_id").GetString()!;
        await SayAsync(person, "ada", id, "My name is Ada.");
        var answer = await person.PostAsync("/chats/responses", new { chat_id = id, response = "Nice to meet you." });
        await person.PostAsync("/chats/responses/", new { chat_id = id, message = "How are you?", user_id = "ada" });
        var messages = await person.GetAsync($"/chats/{id}/messages");
        Assert.Multiple(() =>
        {
            Assert.That(chat.GetProperty("title").GetString(), Is.EqualTo("Introduction"));
            Assert.That(answer.GetProperty("role").GetString(), Is.EqualTo("assistant"));
            Assert.That(
                messages.EnumerateArray().Select(message => $"{message.GetProperty("role")}: {message.GetProperty("content")}"),
                Is.EqualTo((string[])["user: My name is Ada.", "assistant: Nice to meet you.", "assistant: How are you?"]));
            Assert.That(messages.EnumerateArray().Select(message => message.GetProperty("chat_id").GetString()), Is.All.EqualTo(id));
        });
        var second = await BeginAsync(person, "ada");
        var chats = await person.GetAsync("/users/ada/chats/");
        Assert.That(chats.EnumerateArray().Select(item => item.GetProperty("chat_id").GetString()), Is.EquivalentTo((string[])[id, second]));

        await person.SendAsync(HttpMethod.Delete, $"/chats/{id}", null, HttpStatusCode.NoContent);
        await person.SendAsync(HttpMethod.Get, $"/chats/{id}/messages", null, HttpStatusCode.NotFound);

        // Learned after the deletion was told, so that the deletion has been taken by then.
        await SayAsync(person, "ada", second, "I live in Graz.");
        Assert.That(Texts((await person.GetAsync("/users/ada/memories")).GetProperty("memories")), Is.EquivalentTo((string[])["User's name is Ada.", "User lives in Graz."]));
    }

    [Test]
    public async Task Memories_are_deleted_one_by_one_or_all_and_learning_can_be_switched_off()
    {
        using var person = await Person.RegisterAsync(Host);
        var chat = await BeginAsync(person, "ada");
        await SayAsync(person, "ada", chat, "My name is Ada. I live in Graz.");
        var memories = (await person.GetAsync("/users/ada/memories")).GetProperty("memories");
        Assert.That(memories.GetArrayLength(), Is.EqualTo(2));
        var id = memories[0].GetProperty("id").GetString();
        await person.SendAsync(HttpMethod.Delete, $"/memories/{id}", null, HttpStatusCode.NoContent);
        await person.SendAsync(HttpMethod.Delete, $"/memories/{id}/", null, HttpStatusCode.NotFound);
        var deleted = await person.SendAsync(HttpMethod.Delete, "/users/ada/memories?opt_out=true");
        Assert.That((deleted.GetProperty("deleted").GetInt32(), deleted.GetProperty("opted_out").GetBoolean()), Is.EqualTo((1, true)));
        var said = await SayAsync(person, "ada", chat, "My name is Ada.");
        Assert.That(said.GetProperty("extracted_memories").GetArrayLength(), Is.Zero);
        Assert.That(said.GetProperty("memory_context").GetString(), Is.EqualTo(Heading + "None."));
    }

    [Test]
    public async Task What_is_not_to_be_learned_is_not()
    {
        using var person = await Person.RegisterAsync(Host);
        var chat = await BeginAsync(person, "ada");
        var said = await person.PostAsync("/chats/messages", new { user_id = "ada", chat_id = chat, message = "My name is Ada.", extract_memory = false });
        Assert.That(said.GetProperty("extracted_memories").GetArrayLength(), Is.Zero);
        Assert.That(said.GetProperty("message").GetProperty("role").GetString(), Is.EqualTo("user"));
    }

    [Test]
    public async Task A_chat_is_one_users()
    {
        using var person = await Person.RegisterAsync(Host);
        using var stranger = await Person.RegisterAsync(Host);
        var chat = await BeginAsync(person, "ada");
        await person.PostAsync("/chats/messages", new { user_id = "bob", chat_id = chat, message = "Hello" }, HttpStatusCode.NotFound);
        await person.PostAsync("/chats/messages", new { user_id = "ada", chat_id = "no-such-chat", message = "Hello" }, HttpStatusCode.NotFound);
        await person.PostAsync("/chats/responses", new { chat_id = "no-such-chat", response = "Hello" }, HttpStatusCode.NotFound);
        await person.PostAsync("/chats/responses", new { chat_id = chat }, HttpStatusCode.BadRequest);
        await stranger.SendAsync(HttpMethod.Get, $"/chats/{chat}/messages", null, HttpStatusCode.NotFound);
        await stranger.SendAsync(HttpMethod.Delete, $"/chats/{chat}", null, HttpStatusCode.NotFound);
        await stranger.PostAsync("/chats/messages", new { user_id = "ada", chat_id = chat, message = "Hello" }, HttpStatusCode.NotFound);
        Assert.That((await person.GetAsync($"/chats/{chat}/messages")).GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Every_call_needs_a_key()
    {
        using var anonymous = Host.CreateClient();
        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
        [
            (HttpMethod.Post, "/chats", new { user_id = "a" }),
            (HttpMethod.Get, "/users/a/chats", null),
            (HttpMethod.Get, "/chats/a/messages", null),
            (HttpMethod.Post, "/chats/messages", new { user_id = "a", chat_id = "b", message = "c" }),
            (HttpMethod.Post, "/chats/responses", new { chat_id = "b", response = "c" }),
            (HttpMethod.Delete, "/chats/a", null),
            (HttpMethod.Get, "/users/a/memories", null),
            (HttpMethod.Delete, "/memories/a", null),
            (HttpMethod.Delete, "/users/a/memories", null),
            (HttpMethod.Get, "/users/a/context/b", null),
        ])
        {
            await anonymous.SendJsonAsync(method, path, body, HttpStatusCode.Unauthorized);
        }
    }

    private static async Task<string> BeginAsync(Person person, string userId)
        => (await person.PostAsync("/chats", new { user_id = userId })).GetProperty("chat_id").GetString()!;

    private static Task<JsonElement> SayAsync(Person person, string userId, string chat, string message)
        => person.PostAsync("/chats/messages", new { user_id = userId, chat_id = chat, message });

    private static List<string?> Texts(JsonElement memories) => [.. memories.EnumerateArray().Select(memory => memory.GetProperty("memory").GetString())];
}
