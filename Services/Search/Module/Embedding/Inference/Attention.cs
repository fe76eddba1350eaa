using System.Numerics;
using System.Runtime.CompilerServices;
using MemoryMesh.Search.Embedding.Model;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Self-attention of one head over one sequence.</summary>
internal static unsafe class Attention
{
    /// <summary>Queries that are computed together.</summary>
    public const int QueryGroup = 4;

    private const int HeadWidth = ModelShape.HeadWidth;

    /// <summary>Length of the rows of keys and scores for a sequence; whole pairs of vectors.</summary>
    public static int Padded(int length)
    {
        var step = 2 * Vector<float>.Count;
        return (length + step - 1) / step * step;
    }

    /// <param name="queries">The head's part of the first token's query; tokens are <paramref name="stride"/> apart.</param>
    /// <param name="keys">Likewise.</param>
    /// <param name="values">Likewise.</param>
    /// <param name="stride">Distance between tokens.</param>
    /// <param name="length">Tokens of the sequence.</param>
    /// <param name="queryCount">Tokens whose result is wanted, from the first.</param>
    /// <param name="output">The head's part of the first token's result.</param>
    /// <param name="outputStride">Distance between results.</param>
    /// <param name="scratch">Space for the keys by columns and the scores.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(
        float* queries, float* keys, float* values, int stride, int length, int queryCount, float* output, int outputStride, EncoderScratch scratch)
    {
        var padded = Padded(length);
        var columns = scratch.Keys;
        Transpose(keys, stride, length, padded, columns);
        for (var query = 0; query < queryCount; query += QueryGroup)
        {
            // The last group repeats the last query where there are no more.
            var last = queryCount - 1;
            int second = Math.Min(query + 1, last), third = Math.Min(query + 2, last), fourth = Math.Min(query + 3, last);
            Score(
                queries + ((long)query * stride), queries + ((long)second * stride), queries + ((long)third * stride), queries + ((long)fourth * stride),
                columns, padded, scratch.Scores);
            for (var row = 0; row < QueryGroup; row++)
            {
                Softmax(scratch.Scores + (row * padded), length, padded);
            }

            Mix(
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
    private static void Score(float* query0, float* query1, float* query2, float* query3, float* columns, int padded, float* scores)
    {
        // 1 / sqrt(width of a head)
        var scale = new Vector<float>(.17677669529663687f);
        for (var token = 0; token < padded; token += 2 * Vector<float>.Count)
        {
            Vector<float> left0 = Vector<float>.Zero, left1 = left0, left2 = left0, left3 = left0;
            Vector<float> right0 = left0, right1 = left0, right2 = left0, right3 = left0;
            var column = columns + token;
            for (var index = 0; index < HeadWidth; index++, column += padded)
            {
                Vector<float> left = Vector.Load(column), right = Vector.Load(column + Vector<float>.Count);
                var value = new Vector<float>(query0[index]);
                left0 = Vector.FusedMultiplyAdd(value, left, left0);
                right0 = Vector.FusedMultiplyAdd(value, right, right0);
                value = new Vector<float>(query1[index]);
                left1 = Vector.FusedMultiplyAdd(value, left, left1);
                right1 = Vector.FusedMultiplyAdd(value, right, right1);
                value = new Vector<float>(query2[index]);
                left2 = Vector.FusedMultiplyAdd(value, left, left2);
                right2 = Vector.FusedMultiplyAdd(value, right, right2);
                value = new Vector<float>(query3[index]);
                left3 = Vector.FusedMultiplyAdd(value, left, left3);
                right3 = Vector.FusedMultiplyAdd(value, right, right3);
            }

            Store(scores + token, left0 * scale, right0 * scale);
            Store(scores + padded + token, left1 * scale, right1 * scale);
            Store(scores + (2 * padded) + token, left2 * scale, right2 * scale);
            Store(scores + (3 * padded) + token, left3 * scale, right3 * scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(float* scores, int length, int padded)
    {
        for (var token = length; token < padded; token++)
        {
            scores[token] = float.NegativeInfinity;
        }

        var high = Vector.Load(scores);
        for (var token = Vector<float>.Count; token < padded; token += Vector<float>.Count)
        {
            high = Vector.MaxNative(high, Vector.Load(scores + token));
        }

        var highest = high[0];
        for (var lane = 1; lane < Vector<float>.Count; lane++)
        {
            highest = Math.Max(highest, high[lane]);
        }

        var top = new Vector<float>(highest);
        var sums = Vector<float>.Zero;
        for (var token = 0; token < padded; token += Vector<float>.Count)
        {
            var weight = Functions.Exp(Vector.Load(scores + token) - top);
            weight.Store(scores + token);
            sums += weight;
        }

        // The padding adds e^-87 a place, which no sum of at least 1 notices.
        var factor = new Vector<float>(1 / Vector.Sum(sums));
        for (var token = 0; token < padded; token += Vector<float>.Count)
        {
            (Vector.Load(scores + token) * factor).Store(scores + token);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(
        float* weights, int padded, float* values, int stride, int length, float* output0, float* output1, float* output2, float* output3)
    {
        float* weights1 = weights + padded, weights2 = weights1 + padded, weights3 = weights2 + padded;
        for (var part = 0; part < HeadWidth; part += 2 * Vector<float>.Count)
        {
            Vector<float> left0 = Vector<float>.Zero, left1 = left0, left2 = left0, left3 = left0;
            Vector<float> right0 = left0, right1 = left0, right2 = left0, right3 = left0;
            var value = values + part;
            for (var token = 0; token < length; token++, value += stride)
            {
                Vector<float> left = Vector.Load(value), right = Vector.Load(value + Vector<float>.Count);
                var weight = new Vector<float>(weights[token]);
                left0 = Vector.FusedMultiplyAdd(weight, left, left0);
                right0 = Vector.FusedMultiplyAdd(weight, right, right0);
                weight = new Vector<float>(weights1[token]);
                left1 = Vector.FusedMultiplyAdd(weight, left, left1);
                right1 = Vector.FusedMultiplyAdd(weight, right, right1);
                weight = new Vector<float>(weights2[token]);
                left2 = Vector.FusedMultiplyAdd(weight, left, left2);
                right2 = Vector.FusedMultiplyAdd(weight, right, right2);
                weight = new Vector<float>(weights3[token]);
                left3 = Vector.FusedMultiplyAdd(weight, left, left3);
                right3 = Vector.FusedMultiplyAdd(weight, right, right3);
            }

            Store(output0 + part, left0, right0);
            Store(output1 + part, left1, right1);
            Store(output2 + part, left2, right2);
            Store(output3 + part, left3, right3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* output, Vector<float> left, Vector<float> right)
    {
        left.Store(output);
        right.Store(output + Vector<float>.Count);
    }
}
