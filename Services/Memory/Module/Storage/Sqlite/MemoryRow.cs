using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Memory.Storage.Sqlite;

/// <summary>A row of <c>memories</c> with its sealed values, as it is read between the taking and the giving back of a connection.</summary>
internal sealed class MemoryRow
{
    /// <summary>Columns in the order of <see cref="Read"/>.</summary>
    public const string Columns =
        """
        id, tenant_id, scope, owner_key, created_by, derived, text, metadata, user_id, agent_id, run_id, category, category_given, importance,
        importance_given, confidence, slot, single_valued, text_key, status, error, attempts, next_attempt_at, valid_from, valid_to, superseded_by,
        version, created_at, updated_at, extract, state, expires_at, superseded_at, evidence, inferred, boost, kept_apart, hold_reason, confirmed_at,
        instructions
        """;

    /// <summary>How many columns these are.</summary>
    public const int ColumnCount = 40;

    /// <summary>The columns with their table, for joins.</summary>
    public static readonly string QualifiedColumns = string.Join(", ", Columns.Split(',', StringSplitOptions.TrimEntries).Select(column => $"memories.{column}"));

    private MemoryRecord _record = null!;
    private byte[] _text = [];
    private byte[]? _metadata;
    private byte[]? _userId;
    private byte[]? _agentId;
    private byte[]? _runId;
    private byte[]? _slot;
    private byte[]? _instructions;

    public Guid TenantId => _record.TenantId;

    public Guid OwnerKey => _record.OwnerKey;

    /// <summary>The row without what is sealed.</summary>
    public MemoryRecord Sealed => _record;

    public static MemoryRow Read(SqliteRow row) => new()
    {
        _record = new MemoryRecord
        {
            Id = row.Id(0),
            TenantId = row.Id(1),
            Scope = (MemoryScope)row.Int32(2),
            OwnerKey = row.Id(3),
            CreatedBy = row.IdOrNull(4),
            Derived = row.Bool(5),
            Text = "",
            Category = row.Text(11),
            CategoryGiven = row.Bool(12),
            Importance = row.Double(13)!.Value,
            ImportanceGiven = row.Bool(14),
            Confidence = row.Double(15)!.Value,
            SingleValued = row.Bool(17),
            TextKey = row.BytesOrNull(18) is { } key ? Convert.ToHexString(key) : null,
            Status = (MemoryStatus)row.Int32(19),
            Error = row.TextOrNull(20),
            Attempts = row.Int32(21),
            NextAttemptAt = row.TimeOrNull(22),
            ValidFrom = row.Time(23),
            ValidTo = row.TimeOrNull(24),
            SupersededBy = row.IdOrNull(25),
            Version = row.Int32(26),
            CreatedAt = row.Time(27),
            UpdatedAt = row.Time(28),
            Extract = row.Bool(29),
            State = (MemoryState)row.Int32(30),
            ExpiresAt = row.TimeOrNull(31),
            SupersededAt = row.TimeOrNull(32),
            Evidence = row.Int32(33),
            Inferred = row.Bool(34),
            Boost = row.Double(35)!.Value,
            KeptApart = row.Bool(36),
            HoldReason = row.TextOrNull(37),
            ConfirmedAt = row.TimeOrNull(38),
        },
        _text = row.Bytes(6),
        _metadata = row.BytesOrNull(7),
        _userId = row.BytesOrNull(8),
        _agentId = row.BytesOrNull(9),
        _runId = row.BytesOrNull(10),
        _slot = row.BytesOrNull(16),
        _instructions = row.BytesOrNull(39),
    };

    public string OpenText(DataKey key) => key.OpenText(_text, MemoryPlaces.Memory("text", _record.Id));

    /// <inheritdoc cref="MemoryRecord.SearchedText"/>
    public string OpenSearched(DataKey key) => (_record with { Text = OpenText(key) }).SearchedText;

    public MemoryRecord Open(DataKey key) => _record with
    {
        Text = OpenText(key),
        MetadataJson = key.OpenTextOrNull(_metadata, MemoryPlaces.Memory("metadata", _record.Id)),
        UserId = key.OpenTextOrNull(_userId, MemoryPlaces.Memory("user_id", _record.Id)),
        AgentId = key.OpenTextOrNull(_agentId, MemoryPlaces.Memory("agent_id", _record.Id)),
        RunId = key.OpenTextOrNull(_runId, MemoryPlaces.Memory("run_id", _record.Id)),
        Slot = key.OpenTextOrNull(_slot, MemoryPlaces.Memory("slot", _record.Id)),
        Instructions = key.OpenTextOrNull(_instructions, MemoryPlaces.Memory("instructions", _record.Id)),
    };
}

/// <summary>Writes sealed values as rows.</summary>
internal static class SealedRows
{
    /// <summary>Writes a row of <c>memory_history</c>.</summary>
    public static void Insert(this SealedHistory history, SqliteSession session)
        => session.Execute(
            """
            INSERT INTO memory_history (memory_id, version, event, actor_kind, actor_id, old_text, new_text, at, valid_from, valid_to)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            history.MemoryId,
            history.Entry.Version,
            history.Entry.Event,
            history.Entry.Actor.Kind,
            history.Entry.Actor.AccountId,
            history.OldText,
            history.NewText,
            history.Entry.At,
            history.Entry.ValidFrom,
            history.Entry.ValidTo);
}
