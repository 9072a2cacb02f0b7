using System;
using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Gateway
{
	/* The value of an attribute or element: plain text or an expression. */
	sealed class Value
	{
		readonly string text;
		readonly Expression expression;

		internal Value(string text, Expression expression)
		{
			this.text = text;
			this.expression = expression;
		}

		/* What the expression gives; text is a string. */
		internal object Get(Execution x)
		{
			if (expression == null)
				return text;
			try
			{
				return expression.Run(x.Context);
			}
			catch (Exception e) when (!(e is PolicyFailure))
			{
				throw PolicyFailure.OfExpression(e.Message);
			}
		}

		/* null is the empty text. */
		internal string Text(Execution x)
		{
			var value = Get(x);
			if (value == null)
				return "";
			if (value is JToken || value is Guid || value is TimeSpan)
				return value.ToString();
			if (!(value is IConvertible))
				throw PolicyFailure.OfExpression("a " + value.GetType().Name + " is no text");
			return Convert.ToString(value, CultureInfo.InvariantCulture);
		}

		internal int Whole(Execution x)
		{
			int number;
			if (!int.TryParse(Text(x), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
				throw PolicyFailure.OfExpression("that is no whole number");
			return number;
		}

		internal bool True(Execution x)
		{
			var value = Get(x);
			return value is bool ? (bool)value : (string)value == "true";
		}

		/* For a body: text or bytes, nothing else. */
		internal byte[] Bytes(Execution x)
		{
			var value = Get(x);
			if (value is byte[])
				return (byte[])value;
			if (value == null || value is string)
				return System.Text.Encoding.UTF8.GetBytes((string)value ?? "");
			throw PolicyFailure.OfExpression("a body is a string or byte[], not a " + value.GetType().Name);
		}
	}
}
