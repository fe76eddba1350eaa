using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;
using StackExchange.Redis;

namespace MemoryMesh.ServiceDefaults.Redis;

/// <summary>Shares answers of Auth over Redis.</summary>
/// <remarks>
/// Whoever can write to Redis must not give himself rights, so each answer carries a proof (HMAC-SHA256) made with a key of the server, over its name, end and age too: it can be
/// neither made, nor moved, nor brought back. Names are hashed with that key, as they may hold what clients typed; answers hold ids, scopes and roles.
/// A counter tells how often everything was forgotten. An answer counts only at the count that it was asked for at.
/// </remarks>
internal sealed class RedisAnswers : ISharedAnswers
{
    private const string Channel = "answers-forgotten";

    /// <summary>In a cluster, keys with the same text in braces stand together: two of them are asked for at once.</summary>
    private const string Slot = "{answers}";

    private const int HeadSize = HMACSHA256.HashSizeInBytes + (2 * sizeof(long));

    private static readonly object Done = new();

    private readonly RedisConnection _redis;
    private readonly TimeProvider _clock;
    private readonly byte[] _key;
    private readonly RedisKey _age;
    private Action? _forgotten;

    public RedisAnswers(RedisConnection redis, KeyRing keys, TimeProvider clock)
    {
        _redis = redis;
        _clock = clock;
        _key = keys.DeriveSecret("answers of auth in redis");
        _age = redis.NameOf($"{Slot}:age");
        redis.Listen(Channel, () => _forgotten?.Invoke());
    }

    public void OnForgotten(Action forget) => _forgotten += forget;

    public async Task<SharedAnswer<TAnswer>> FindAsync<TAnswer>(string name)
        where TAnswer : class
    {
        var key = KeyOf(name);
        var values = await _redis.TryAskAsync(database => database.StringGetAsync([_age, key]));
        if (values is null)
        {
            return default;
        }

        var age = long.TryParse((string?)values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        if ((byte[]?)values[1] is not { Length: > HeadSize } kept || !CryptographicOperations.FixedTimeEquals(Proof(key!, kept), kept.AsSpan(0, HMACSHA256.HashSizeInBytes)))
        {
            return new(null, default, age);
        }

        var head = kept.AsSpan(HMACSHA256.HashSizeInBytes);
        var left = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(head)) - _clock.GetUtcNow();
        return left > TimeSpan.Zero && BinaryPrimitives.ReadInt64BigEndian(head[sizeof(long)..]) == age
            ? new(Read<TAnswer>(kept.AsSpan(HeadSize)), left, age)
            : new(null, default, age);
    }

    public void Keep<TAnswer>(string name, SharedAnswer<TAnswer> found, TAnswer answer, TimeSpan lifetime)
        where TAnswer : class
    {
        if (found.Age is not { } age)
        {
            return;
        }

        var key = KeyOf(name);
        byte[] kept = [.. new byte[HeadSize], .. JsonSerializer.SerializeToUtf8Bytes(answer)];
        var head = kept.AsSpan(HMACSHA256.HashSizeInBytes);
        BinaryPrimitives.WriteInt64BigEndian(head, (_clock.GetUtcNow() + lifetime).ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(head[sizeof(long)..], age);
        Proof(key!, kept).CopyTo(kept, 0);

        // Nobody waits for it: without it, another process asks Auth too.
        _ = _redis.TryAskAsync(async database =>
        {
            await database.StringSetAsync(key, kept, lifetime);
            return Done;
        });
    }

    public void Forget()
        => _ = _redis.TryAskAsync(async database =>
        {
            await database.StringIncrementAsync(_age);
            await database.PublishAsync(new RedisChannel(_redis.NameOf(Channel), RedisChannel.PatternMode.Literal), RedisValue.EmptyString);
            return Done;
        });

    /// <summary>Null for an answer that another version of the server kept, which this one cannot read.</summary>
    private static TAnswer? Read<TAnswer>(ReadOnlySpan<byte> answer)
        where TAnswer : class
    {
        try
        {
            return JsonSerializer.Deserialize<TAnswer>(answer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private RedisKey KeyOf(string name)
        => _redis.NameOf($"{Slot}:{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"name {name}")))}");

    /// <summary>The proof of what stands behind it.</summary>
    private byte[] Proof(string key, byte[] kept)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes($"{key}\n"), .. kept.AsSpan(HMACSHA256.HashSizeInBytes)];
        return HMACSHA256.HashData(_key, content);
    }
}
