using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace MemoryMesh.ServiceDefaults.Http;

/// <summary>A kind of error a client can meet. The type is stable; docs/problems.md lists all of them.</summary>
/// <param name="Slug">Last part of the type URI, for example <c>not-found</c>.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">What it is, the same each time.</param>
/// <param name="Detail">What it means and what to do.</param>
public sealed record ProblemKind(string Slug, int Status, string Title, string Detail)
{
    /// <summary>Start of every type URI.</summary>
    public const string TypePrefix = "urn:memorymesh:problem:";

    /// <summary>The type URI.</summary>
    public string Type => TypePrefix + Slug;

    /// <summary>The problem as an answer.</summary>
    /// <param name="detail">A detail for this case; null for the kind's own. Never text of the request or of an exception.</param>
    public ProblemHttpResult ToResult(string? detail = null) => TypedResults.Problem(ToDetails(detail));

    /// <summary>The problem as problem details.</summary>
    public ProblemDetails ToDetails(string? detail = null)
        => new() { Type = Type, Status = Status, Title = Title, Detail = detail ?? Detail };
}

/// <summary>Problems that every service answers with.</summary>
public static class Problems
{
    /// <summary>The request cannot be read.</summary>
    public static readonly ProblemKind Malformed = new(
        "malformed-request", 400, "The request cannot be read", "The body is not JSON of the documented shape, or a parameter has the wrong type. Unknown fields are refused. Where it is a field or a parameter, the member `errors` names it.");

    /// <summary>A field has a value that is not allowed.</summary>
    public static readonly ProblemKind Invalid = new(
        "invalid-request", 400, "A value is not allowed", "The member `errors` names each field and what is wrong with it.");

    /// <summary>No credentials, or none that are valid.</summary>
    public static readonly ProblemKind Unauthenticated = new(
        "unauthenticated", 401, "Credentials are needed", "Send a valid access token as `Authorization: Bearer` or an API key as `x-api-key`.");

    /// <summary>The principal may not do this.</summary>
    public static readonly ProblemKind Forbidden = new(
        "forbidden", 403, "Not allowed", "The role in this tenant, or the scopes of the API key, do not allow this.");

    /// <summary>Not there, or not the caller's: the two cannot be told apart.</summary>
    public static readonly ProblemKind NotFound = new(
        "not-found", 404, "Not found", "There is nothing here that you may see.");

    /// <summary>The verb is not supported at this address.</summary>
    public static readonly ProblemKind MethodNotAllowed = new(
        "method-not-allowed", 405, "Verb not supported", "The Allow header lists the verbs of this address.");

    /// <summary>The answer cannot be given in a format the client takes.</summary>
    public static readonly ProblemKind NotAcceptable = new(
        "not-acceptable", 406, "No acceptable format", "Answers are JSON.");

    /// <summary>It conflicts with the state.</summary>
    public static readonly ProblemKind Conflict = new(
        "conflict", 409, "Conflict", "The request conflicts with what is stored.");

    /// <summary>If-Match names an old version.</summary>
    public static readonly ProblemKind PreconditionFailed = new(
        "precondition-failed", 412, "Changed meanwhile", "If-Match does not name the current version: read it again.");

    /// <summary>The request is too large.</summary>
    public static readonly ProblemKind TooLarge = new(
        "too-large", 413, "Too large", "The request is over the documented size.");

    /// <summary>The body is not JSON.</summary>
    public static readonly ProblemKind UnsupportedMediaType = new(
        "unsupported-media-type", 415, "Unsupported media type", "Send JSON with `Content-Type: application/json`.");

    /// <summary>Well-formed, but refused.</summary>
    public static readonly ProblemKind Unprocessable = new(
        "unprocessable", 422, "Refused", "The request is well-formed but cannot be carried out.");

    /// <summary>The Idempotency-Key was used with another request.</summary>
    public static readonly ProblemKind IdempotencyKeyReused = new(
        "idempotency-key-reused", 422, "Idempotency-Key was used before", "This Idempotency-Key came with another request in the last 24 hours. Use a new key.");

    /// <summary>Too many requests.</summary>
    public static readonly ProblemKind TooManyRequests = new(
        "too-many-requests", 429, "Too many requests", "Wait for as many seconds as Retry-After says.");

    /// <summary>The header section is too large.</summary>
    public static readonly ProblemKind HeadersTooLarge = new(
        "headers-too-large", 431, "Headers too large", "The header fields of the request are over the documented size.");

    /// <summary>A defect of the server.</summary>
    public static readonly ProblemKind Internal = new(
        "internal-error", 500, "Internal error", "The server met an unexpected condition. The trace id helps its operator to find the cause.");

    /// <summary>A part that is needed cannot be reached, or is overloaded.</summary>
    public static readonly ProblemKind Unavailable = new(
        "unavailable", 503, "Unavailable for now", "A part of the server that this needs is overloaded or down. Nothing was changed; try again after Retry-After seconds.");

    /// <summary>The disk is full.</summary>
    public static readonly ProblemKind InsufficientStorage = new(
        "insufficient-storage", 507, "The disk is full", "Nothing was stored. Reading goes on; writing needs free space on the server's disk.");

    /// <summary>All kinds, for the documentation and for answers that only have a status.</summary>
    public static readonly IReadOnlyList<ProblemKind> All =
    [
        Malformed, Invalid, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, NotAcceptable, Conflict, PreconditionFailed, TooLarge,
        UnsupportedMediaType, Unprocessable, IdempotencyKeyReused, TooManyRequests, HeadersTooLarge, Internal, Unavailable, InsufficientStorage,
    ];

    /// <summary>One field that is not allowed.</summary>
    public static ProblemHttpResult InvalidField(string field, string message)
        => InvalidFields(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>Fields that are not allowed, with messages by the path of the field.</summary>
    public static ProblemHttpResult InvalidFields(IDictionary<string, string[]> errors) => OfFields(Invalid, errors);

    /// <summary>A field whose value is allowed, but cannot be carried out with what is stored.</summary>
    public static ProblemHttpResult UnprocessableField(string field, string message)
        => OfFields(Unprocessable, new Dictionary<string, string[]> { [field] = [message] });

    private static ProblemHttpResult OfFields(ProblemKind kind, IDictionary<string, string[]> errors)
        => TypedResults.Problem(new HttpValidationProblemDetails(errors)
        {
            Type = kind.Type,
            Status = kind.Status,
            Title = kind.Title,
            Detail = kind.Detail,
        });

    /// <summary>The kind for an answer that only has a status.</summary>
    internal static ProblemKind ForStatus(int status)
        => status == 422 ? Unprocessable : All.FirstOrDefault(kind => kind.Status == status) ?? (status >= 500 ? Internal : Malformed);
}
