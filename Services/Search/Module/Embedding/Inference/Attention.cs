using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Self-attention of one head over one sequence.</summary>
internal static unsafe class Attention
{
    /// <summary>Queries that are computed together.</summary>
    public const int QueryGroup = 4;

    private const int HeadWidth = ModelShape.HeadWidth;

    // Two of the longest vectors.
    private const int Step = 32;

    /// <summary>Length of the rows of keys and scores for a sequence; whole pairs of vectors.</summary>
    public static int Padded(int length) => (length + Step - 1) / Step * Step;

    /// <param name="queries">The head's part of the first token's query; tokens are <paramref name="stride"/> apart.</param>
    /// <param name="keys">Likewise.</param>
    /// <param name="values">Likewise.</param>
    /// <param name="stride">Distance between tokens.</param>
    /// <param name="length">Tokens of the sequence.</param>
    /// <param name="queryCount">Tokens whose result is wanted, from the first.</param>
    /// <param name="output">The head's part of the first token's result.</param>
    /// <param name="outputStride">Distance between results.</param>
    /// <param name="scratch">Space for the keys by columns and the scores.</param>
    public static void Apply(
        float* queries, float* keys, float* values, int stride, int length, int queryCount, float* output, int outputStride, EncoderScratch scratch)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Apply<WideLanes, Vector512<float>>(queries, keys, values, stride, length, queryCount, output, outputStride, scratch);
        }
        else
        {
            Apply<NativeLanes, Vector<float>>(queries, keys, values, stride, length, queryCount, output, outputStride, scratch);
        }
    }

    private static void Apply<TLanes, TVector>(
        float* queries, float* keys, float* values, int stride, int length, int queryCount, float* output, int outputStride, EncoderScratch scratch)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var padded = Padded(length);
        var columns = scratch.Keys;
        Transpose(keys, stride, length, padded, columns);
        for (var query = 0; query < queryCount; query += QueryGroup)
        {
            // The last group repeats the last query where there are no more.
            var last = queryCount - 1;
            int second = Math.Min(query + 1, last), third = Math.Min(query + 2, last), fourth = Math.Min(query + 3, last);
            Score<TLanes, TVector>(
                queries + ((long)query * stride), queries + ((long)second * stride), queries + ((long)third * stride), queries + ((long)fourth * stride),
                columns, padded, scratch.Scores);
            for (var row = 0; row < QueryGroup; row++)
            {
                Softmax<TLanes, TVector>(scratch.Scores + (row * padded), length, padded);
            }

            Mix<TLanes, TVector>(
                scratch.Scores, padded, values, stride, length,
                output + ((long)query * outputStride), output + ((long)second * outputStride), output + ((long)third * outputStride),
                output + ((long)fourth * outputStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(float* keys, int stride, int length, int padded, float* columns)
    {
        for (var token = 0; token < length; token++)
        {
            var key = keys + ((long)token * stride);
            var column = columns + token;
            for (var index = 0; index < HeadWidth; index++, column += padded)
            {
                *column = key[index];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score<TLanes, TVector>(float* query0, float* query1, float* query2, float* query3, float* columns, int padded, float* scores)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        // 1 / sqrt(width of a head)
        var scale = TLanes.Create(.17677669529663687f);
        for (var token = 0; token < padded; token += 2 * TLanes.Count)
        {
            TVector left0 = TLanes.Create(0), left1 = left0, left2 = left0, left3 = left0;
            TVector right0 = left0, right1 = left0, right2 = left0, right3 = left0;
            var column = columns + token;
            for (var index = 0; index < HeadWidth; index++, column += padded)
            {
                TVector left = TLanes.Load(column), right = TLanes.Load(column + TLanes.Count);
                var value = TLanes.Create(query0[index]);
                left0 = TLanes.MultiplyAdd(value, left, left0);
                right0 = TLanes.MultiplyAdd(value, right, right0);
                value = TLanes.Create(query1[index]);
                left1 = TLanes.MultiplyAdd(value, left, left1);
                right1 = TLanes.MultiplyAdd(value, right, right1);
                value = TLanes.Create(query2[index]);
                left2 = TLanes.MultiplyAdd(value, left, left2);
                right2 = TLanes.MultiplyAdd(value, right, right2);
                value = TLanes.Create(query3[index]);
                left3 = TLanes.MultiplyAdd(value, left, left3);
                right3 = TLanes.MultiplyAdd(value, right, right3);
            }

            Store<TLanes, TVector>(scores + token, TLanes.Multiply(left0, scale), TLanes.Multiply(right0, scale));
            Store<TLanes, TVector>(scores + padded + token, TLanes.Multiply(left1, scale), TLanes.Multiply(right1, scale));
            Store<TLanes, TVector>(scores + (2 * padded) + token, TLanes.Multiply(left2, scale), TLanes.Multiply(right2, scale));
            Store<TLanes, TVector>(scores + (3 * padded) + token, TLanes.Multiply(left3, scale), TLanes.Multiply(right3, scale));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax<TLanes, TVector>(float* scores, int length, int padded)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (var token = length; token < padded; token++)
        {
            scores[token] = float.NegativeInfinity;
        }

        var high = TLanes.Load(scores);
        for (var token = TLanes.Count; token < padded; token += TLanes.Count)
        {
            high = TLanes.Max(high, TLanes.Load(scores + token));
        }

        var top = TLanes.Create(TLanes.Largest(high));
        var sums = TLanes.Create(0);
        for (var token = 0; token < padded; token += TLanes.Count)
        {
            var weight = Functions.Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Load(scores + token), top));
            TLanes.Store(weight, scores + token);
            sums = TLanes.Add(sums, weight);
        }

        // The padding adds e^-87 a place, which no sum of at least 1 notices.
        var factor = TLanes.Create(1 / TLanes.Sum(sums));
        for (var token = 0; token < padded; token += TLanes.Count)
        {
            TLanes.Store(TLanes.Multiply(TLanes.Load(scores + token), factor), scores + token);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix<TLanes, TVector>(
        float* weights, int padded, float* values, int stride, int length, float* output0, float* output1, float* output2, float* output3)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float* weights1 = weights + padded, weights2 = weights1 + padded, weights3 = weights2 + padded;
        for (var part = 0; part < HeadWidth; part += 2 * TLanes.Count)
        {
            TVector left0 = TLanes.Create(0), left1 = left0, left2 = left0, left3 = left0;
            TVector right0 = left0, right1 = left0, right2 = left0, right3 = left0;
            var value = values + part;
            for (var token = 0; token < length; token++, value += stride)
            {
                TVector left = TLanes.Load(value), right = TLanes.Load(value + TLanes.Count);
                var weight = TLanes.Create(weights[token]);
                left0 = TLanes.MultiplyAdd(weight, left, left0);
                right0 = TLanes.MultiplyAdd(weight, right, right0);
                weight = TLanes.Create(weights1[token]);
                left1 = TLanes.MultiplyAdd(weight, left, left1);
                right1 = TLanes.MultiplyAdd(weight, right, right1);
                weight = TLanes.Create(weights2[token]);
                left2 = TLanes.MultiplyAdd(weight, left, left2);
                right2 = TLanes.MultiplyAdd(weight, right, right2);
                weight = TLanes.Create(weights3[token]);
                left3 = TLanes.MultiplyAdd(weight, left, left3);
                right3 = TLanes.MultiplyAdd(weight, right, right3);
            }

            Store<TLanes, TVector>(output0 + part, left0, right0);
            Store<TLanes, TVector>(output1 + part, left1, right1);
            Store<TLanes, TVector>(output2 + part, left2, right2);
            Store<TLanes, TVector>(output3 + part, left3, right3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes, TVector>(float* output, TVector left, TVector right)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TLanes.Store(left, output);
        TLanes.Store(right, output + TLanes.Count);
    }
}
